using System.Net;
using Gateway.Core.Catalog;

namespace Gateway.Core.Keys;

/// <summary>Finds who is calling. Lookup is by hash, so that timing tells nothing about the keys that exist.</summary>
public static class Authenticator
{
    private const int MaxKeyLength = 512;

    /// <summary>Stands for everybody while <see cref="GatewayOptions.AuthDisabled"/> is set.</summary>
    public static ApiKey Anonymous { get; } = new()
    {
        Id = "anonymous",
        Name = "anonymous",
        Prefix = "",
        RpmLimit = 0,
        TpmLimit = 0,
        State = new KeyState(),
    };

    /// <summary>The key behind what a client presented, or null: unknown, switched off, expired and not for use from there.</summary>
    /// <param name="client">Where the client calls from; null where that is not known.</param>
    public static ApiKey? Find(CatalogSnapshot snapshot, GatewayOptions options, PresentedKey? presented, IPAddress? client, DateTimeOffset now) =>
        Lookup(snapshot, options, presented) is { } key && !(now >= key.ExpiresAt) && ClientNetworks.Allow(key.AllowedNetworks, client) ? key : null;

    /// <summary>Whose key it is, wherever it is used and whether or not its time is over.</summary>
    private static ApiKey? Lookup(CatalogSnapshot snapshot, GatewayOptions options, PresentedKey? presented)
    {
        if (options.AuthDisabled)
        {
            return Anonymous;
        }
        if (presented is null || presented.Text.Length is 0 or > MaxKeyLength)
        {
            return null;
        }
        KeyHash hash = presented.Hash;
        if (!snapshot.Keys.TryGetValue(hash, out ApiKey? key)
            && (snapshot.ReplacedKeys.Count == 0 || !snapshot.ReplacedKeys.TryGetValue(hash, out key))
            && (snapshot.Tokens.Count == 0 || !snapshot.Tokens.TryGetValue(presented.Under(options.TokenSecret), out key)))
        {
            return null;
        }
        return key.Active ? key : null;
    }

    /// <summary>Who is calling, and the snapshot that says so; or why nobody is. Waits only while a key may be in a database that has not been read yet.</summary>
    public static ValueTask<(CatalogSnapshot Snapshot, ApiKey? Key, GatewayError? Error)> FindAsync(
        GatewayCatalog catalog, GatewayOptions options, PresentedKey? presented, IPAddress? client, TimeProvider time, CancellationToken cancellationToken)
    {
        bool loaded = catalog.Loaded.IsCompleted;
        CatalogSnapshot snapshot = catalog.Current;
        if (Lookup(snapshot, options, presented) is { } key && !IsOver(key, time))
        {
            return new(Admit(snapshot, key, client));
        }
        return loaded || presented is null
            ? new((snapshot, null, Refusal(presented)))
            : FindOnceLoadedAsync(catalog, options, presented, client, time, cancellationToken);
    }

    private static async ValueTask<(CatalogSnapshot Snapshot, ApiKey? Key, GatewayError? Error)> FindOnceLoadedAsync(
        GatewayCatalog catalog, GatewayOptions options, PresentedKey presented, IPAddress? client, TimeProvider time, CancellationToken cancellationToken)
    {
        GatewayError? starting = await catalog.WaitLoadedAsync(time, cancellationToken);
        CatalogSnapshot snapshot = catalog.Current;
        return Lookup(snapshot, options, presented) is { } key && !IsOver(key, time)
            ? Admit(snapshot, key, client)
            : (snapshot, null, starting ?? Refusal(presented));
    }

    // The clock is asked only where a key has an end at all.
    private static bool IsOver(ApiKey key, TimeProvider time) => key.ExpiresAt is { } end && time.GetUtcNow() >= end;

    private static (CatalogSnapshot Snapshot, ApiKey? Key, GatewayError? Error) Admit(CatalogSnapshot snapshot, ApiKey key, IPAddress? client) =>
        ClientNetworks.Allow(key.AllowedNetworks, client) ? (snapshot, key, null) : (snapshot, null, new GatewayError(
            GatewayErrorKind.Unauthenticated,
            $"The key {key.Prefix}… may not be used from {client?.ToString() ?? "an unknown address"}. Call from a network that it allows, or ask your platform team to add yours.",
            Code: "ip_not_authorized"));

    /// <summary>Why the key may not be used for this; null where it may.</summary>
    public static GatewayError? Refusal(ApiKey key, Operation operation) =>
        key.AllowedEndpoints == EndpointKinds.None || (key.AllowedEndpoints & operation.EndpointKind()) != 0 ? null : new GatewayError(
            GatewayErrorKind.EndpointNotAllowed,
            $"The key {key.Prefix}… is for {string.Join(", ", key.AllowedEndpoints.ToNames())} only. Use another, or ask your platform team to allow {operation.EndpointKind().ToNames()[0]}.");

    public static GatewayError Refusal(PresentedKey? presented) => new(
        GatewayErrorKind.Unauthenticated,
        presented is null
            ? "You didn't provide an API key. Send it as \"Authorization: Bearer <key>\" (or x-api-key, api-key, x-goog-api-key)."
            : "Incorrect API key provided. Check that it was copied whole, is not expired and was not revoked.");
}
