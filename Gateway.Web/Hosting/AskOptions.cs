using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Web.Hosting;

/// <summary>The command line of <see cref="AskCommand"/>.</summary>
internal sealed record AskOptions
{
    public static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Ends with a slash, so that paths go below it.</summary>
    public Uri Url { get; init; } = new("http://localhost:8080/");
    public string? Key { get; init; }
    public required string Model { get; init; }
    public string? Summary { get; init; }
    public bool Wake { get; init; }
    public required string Question { get; init; }

    /// <param name="args">After <c>ask</c>.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>Null when it cannot be understood.</returns>
    public static AskOptions? Of(string[] args, Func<string, string?> variable)
    {
        var options = new AskOptions
        {
            Question = "",
            Key = variable("GATEWAY_API_KEY") is { Length: > 0 } key ? key : null,
            Model = variable("FRIENDLI_ENDPOINT_ID") is { Length: > 0 } endpoint ? endpoint : "sim-chat",
        };
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--wake":
                    options = options with { Wake = true };
                    break;
                case "--url" when Uri.TryCreate(value?.TrimEnd('/') + "/", UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https":
                    options = options with { Url = url };
                    i++;
                    break;
                case "--key" when value is not null:
                    options = options with { Key = value };
                    i++;
                    break;
                case "--model" when value is not null:
                    options = options with { Model = value };
                    i++;
                    break;
                case "--summary" when value is not null:
                    options = options with { Summary = value };
                    i++;
                    break;
                case var word when !word.StartsWith("--", StringComparison.Ordinal) && options.Question.Length == 0 && word.Length > 0:
                    options = options with { Question = word };
                    break;
                default:
                    return null;
            }
        }
        return options.Question.Length > 0 ? options : null;
    }
}
