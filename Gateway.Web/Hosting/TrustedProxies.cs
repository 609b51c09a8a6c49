using Gateway.Web.Configuration;
using Microsoft.AspNetCore.HttpOverrides;

namespace Gateway.Web.Hosting;

/// <summary>Takes from proxies that are trusted, and from nobody else, who the client is and whether it came by TLS.</summary>
internal static class TrustedProxies
{
    /// <summary>First of all: what follows sees the client.</summary>
    public static void UseTrustedProxies(this WebApplication app, GatewaySettings settings)
    {
        if (settings.TrustedProxies.Count == 0)
        {
            return;
        }
        // The host stays the one that was called: a client could name any.
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // As many proxies in a row as are trusted.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (System.Net.IPNetwork network in settings.TrustedProxies)
        {
            options.KnownIPNetworks.Add(network);
        }
        app.UseForwardedHeaders(options);
    }
}
