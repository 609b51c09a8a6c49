namespace Gateway.Web.Alerts;

/// <summary>Where notices go; kept as a document. What is secret is kept encrypted.</summary>
internal sealed record AlertChannel
{
    public const string Kind = "alert-channel";

    /// <summary><see cref="Webhook"/> or <see cref="Email"/>.</summary>
    public required string Type { get; init; }
    public bool Active { get; init; } = true;

    /// <summary>Encrypted: addresses of chat services are as good as passwords.</summary>
    public string? ProtectedUrl { get; init; }

    /// <summary>What people see of it: scheme and host.</summary>
    public string? Origin { get; init; }

    /// <summary>Encrypted; signs what is sent to a webhook, or signs in to a mail server. Null for none.</summary>
    public string? ProtectedSecret { get; init; }
    public string? Host { get; init; }
    public int Port { get; init; }

    /// <summary><c>none</c>, <c>starttls</c> or <c>tls</c>.</summary>
    public string? Security { get; init; }
    public string? User { get; init; }
    public string? From { get; init; }
    public IReadOnlyList<string> To { get; init; } = [];

    public const string Webhook = "webhook";
    public const string Email = "email";

    public static readonly IReadOnlyList<string> Types = [Webhook, Email];
    public static readonly IReadOnlyList<string> Securities = ["starttls", "tls", "none"];
}
