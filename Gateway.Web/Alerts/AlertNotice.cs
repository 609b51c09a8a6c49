using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Web.Alerts;

/// <summary>What a channel is told; its JSON is what webhooks get.</summary>
internal sealed record AlertNotice
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>The same in every try, so that receivers can tell repeated deliveries.</summary>
    public required string Id { get; init; }

    /// <summary><c>fired</c>, <c>repeated</c>, <c>resolved</c> or <c>test</c>.</summary>
    public required string Event { get; init; }
    public required string RuleId { get; init; }
    public required string Rule { get; init; }
    public required string Severity { get; init; }
    public string? Metric { get; init; }
    public string? Scope { get; init; }

    /// <summary>The name of what the rule looks at.</summary>
    public string? Of { get; init; }
    public double? Value { get; init; }
    public double? Threshold { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>When it began to fire.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The whole in a sentence; under this name chat services show it as it is.</summary>
    public required string Text { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}
