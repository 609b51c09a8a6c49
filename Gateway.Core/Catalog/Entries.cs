using System.Text.Encodings.Web;
using Gateway.Core.Limits;
using Gateway.Core.Routing;

namespace Gateway.Core.Catalog;

/// <summary>A provider as requests see it: checked and immutable, but for its <see cref="State"/>.</summary>
public sealed class Provider
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required ProviderKind Kind { get; init; }

    /// <summary>With its wire's prefix and a trailing slash; null for <see cref="ProviderKind.Simulated"/>.</summary>
    public Uri? BaseUrl { get; init; }
    public required IReadOnlyList<CredentialDefinition> Credentials { get; init; }
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
    public required TimeoutSettings Timeouts { get; init; }
    public bool Active { get; init; }
    public required ProviderState State { get; init; }

    /// <summary>Changes when something changed that an open connection or a client object depends on.</summary>
    public required string ClientVersion { get; init; }

    /// <summary>What the adapter derived from the settings, so that it is derived once.</summary>
    public object? Derived;
}

/// <summary>One callable target.</summary>
public sealed class Backend
{
    public required string Id { get; init; }
    public required Provider Provider { get; init; }

    /// <summary>What is sent as <c>model</c>.</summary>
    public required string UpstreamModel { get; init; }

    /// <summary><see cref="UpstreamModel"/> as a JSON string in UTF-8, quotes included: spliced into bodies.</summary>
    public required byte[] UpstreamModelJson { get; init; }
    public int Weight { get; init; } = 1;
    public int Priority { get; init; }
    public bool Active { get; init; } = true;
    public required BackendState State { get; init; }
}

/// <summary>A model as requests see it.</summary>
public sealed class Model
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? ModelId { get; init; }
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Active ones only, in order of priority.</summary>
    public required Backend[] Backends { get; init; }

    /// <summary>Members to add to requests that lack them; empty for none.</summary>
    public DefaultParam[] DefaultParams { get; init; } = [];
    public bool? ReasoningEnabled { get; init; }
    public string? SystemPromptPrefix { get; init; }
    public Route? DefaultRoute { get; init; }
    public int? MaxOutputTokens { get; init; }

    /// <summary>Unix seconds, for <c>/v1/models</c>.</summary>
    public long Created { get; init; }
    public required ModelState State { get; init; }

    /// <summary>The plan of a request that names only this model: the same every time, so made once.</summary>
    internal Routing.RoutePlan? Plan;
}

/// <summary>One default: its name and its value as JSON in UTF-8.</summary>
public readonly record struct DefaultParam(byte[] Name, byte[] ValueJson);

/// <summary>A route chain, its references resolved.</summary>
public sealed class Route
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required RouteStep[] Steps { get; init; }
    public required RetryOn RetryOn { get; init; }
}

/// <summary>
/// One step of a chain. <see cref="Backends"/> is what it may call; a step that names only a provider gets its backends
/// when the request's model is known (<see cref="Provider"/> is set and <see cref="Backends"/> is empty).
/// </summary>
public sealed class RouteStep
{
    public Provider? Provider { get; init; }
    public Model? Model { get; init; }
    public string? UpstreamModel { get; init; }
    public Backend[] Backends { get; init; } = [];
    public int? Retries { get; init; }
    public TimeSpan? Backoff { get; init; }
    public TimeoutSettings Timeouts { get; init; } = new();
}

/// <summary>The failures after which a chain moves on.</summary>
[Flags]
public enum RetryOn
{
    None = 0,
    RateLimit = 1,
    Timeout = 2,
    Connection = 4,
    ServerError = 8,
    InvalidResponse = 16,
    Authentication = 32,
    All = RateLimit | Timeout | Connection | ServerError | InvalidResponse | Authentication,
}

/// <summary>A key as requests see it.</summary>
public sealed class ApiKey
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Prefix { get; init; }
    public bool Active { get; init; } = true;
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null takes the gateway's default, 0 is unlimited.</summary>
    public int? RpmLimit { get; init; }

    /// <summary>Null takes the gateway's default, 0 is unlimited.</summary>
    public int? TpmLimit { get; init; }
    public ModelPattern[] AllowedModels { get; init; } = [];
    public bool AllowRouting { get; init; } = true;
    public required KeyState State { get; init; }

    /// <summary>True when the key may use the model under its name or one of its aliases.</summary>
    public bool Allows(Model model)
    {
        if (AllowedModels.Length == 0)
        {
            return true;
        }
        foreach (ModelPattern pattern in AllowedModels)
        {
            if (pattern.Matches(model.Name))
            {
                return true;
            }
            foreach (string alias in model.Aliases)
            {
                if (pattern.Matches(alias))
                {
                    return true;
                }
            }
        }
        return false;
    }
}

/// <summary>A name, or a pattern in which <c>*</c> stands for any run of characters.</summary>
public readonly record struct ModelPattern(string Text)
{
    public bool Matches(ReadOnlySpan<char> name) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(Text, name, ignoreCase: false);
}

/// <summary>Runtime facts of a provider; survives catalog changes.</summary>
public sealed class ProviderState
{
    /// <summary>The provider's client, kept by its adapter while <see cref="Provider.ClientVersion"/> stays the same.</summary>
    public object? Client;

    /// <summary>Credentials that the upstream refused (401, 402, 403), by id; cleared when the provider's credentials change.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, DeadCredential> DeadCredentials { get; } = new();

    /// <summary>State of backends that no model lists (a pinned provider, a step without a model), by upstream model.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, BackendState> OtherBackends { get; } = new();

    /// <summary>Counts calls, to rotate credentials.</summary>
    public int Rotation;
}

/// <summary>A credential that is set aside, and is tried again after a while.</summary>
/// <param name="Reason">The kind of refusal; no upstream text.</param>
public sealed record DeadCredential(string Reason, DateTimeOffset Since);

/// <summary>Runtime facts of a key; survives catalog changes.</summary>
public sealed class KeyState
{
    public SlidingWindow Window { get; } = new();

    /// <summary>Unix milliseconds of the last request; 0 if none since the start.</summary>
    public long LastUsedMs;
}

internal static class JsonText
{
    /// <summary>A JSON string in UTF-8, quotes included, escaping no more than JSON asks.</summary>
    public static byte[] Encode(string text) =>
        [.. "\""u8, .. System.Text.Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)), .. "\""u8];
}
