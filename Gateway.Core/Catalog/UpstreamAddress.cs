using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Gateway.Core.Catalog;

/// <summary>
/// What an upstream's base URL may look like. Which networks it may be in is checked here for literal metadata and
/// link-local addresses, and for every address again when a connection is made, since names can change their mind.
/// </summary>
public static class UpstreamAddress
{
    private static readonly string[] MetadataHosts =
    [
        "metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal",
        "metadata.tencentyun.com", "metadata.azure.internal",
    ];

    // The metadata services of EC2, Google Cloud and Scaleway over IPv6.
    private static readonly IPAddress[] Metadata6 = [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd20:ce::254"), IPAddress.Parse("fd00:42::42")];

    /// <summary>Reads a base URL and gives it its wire's prefix when it has no path.</summary>
    /// <param name="prefix">The prefix to give it instead of the kind's own.</param>
    /// <param name="url">With a trailing slash, so that relative paths append to it.</param>
    public static bool TryParse(
        string? text, ProviderKind kind, string? prefix, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? reason)
    {
        url = null;
        reason = Check(text, out Uri? parsed);
        if (reason is not null)
        {
            return false;
        }
        string path = parsed!.AbsolutePath.TrimEnd('/');
        prefix ??= kind switch
        {
            ProviderKind.AzureOpenAI => "/openai",
            ProviderKind.Gemini => "/v1beta",
            ProviderKind.Vertex => "/v1",
            ProviderKind.Bedrock => "",
            ProviderKind.Cohere => "/v2",
            _ => "/v1",
        };
        url = new Uri(parsed.GetLeftPart(UriPartial.Authority) + (path.Length == 0 ? prefix : path) + "/");
        return true;
    }

    /// <inheritdoc cref="TryParse(string?, ProviderKind, string?, out Uri?, out string?)"/>
    public static bool TryParse(string? text, ProviderKind kind, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? reason) =>
        TryParse(text, kind, null, out url, out reason);

    /// <summary>Where secrets may be exchanged for tokens: https, or http to this machine.</summary>
    public static bool IsTokenUrl(string? text) =>
        Check(text, out Uri? parsed) is null && (parsed!.Scheme == Uri.UriSchemeHttps || parsed.IsLoopback);

    private static string? Check(string? text, out Uri? parsed)
    {
        parsed = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return "A base URL is needed, for example https://api.example.com/v1.";
        }
        // Before parsing, since Uri quietly resolves dot segments and decodes.
        if (text.Contains('\\') || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            return "A URL has no spaces, control characters or backslashes.";
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out parsed) || parsed.Scheme is not ("http" or "https") || parsed.Host.Length == 0)
        {
            return "A base URL is absolute and starts with http:// or https://.";
        }
        if (parsed.UserInfo.Length > 0 || text.Contains('@'))
        {
            return "A base URL has no user name or password; add a credential instead.";
        }
        if (text.Contains('?') || text.Contains('#'))
        {
            return "A base URL has no query and no fragment.";
        }
        string rawPath = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        rawPath = rawPath.IndexOf('/') is var slash && slash >= 0 ? rawPath[slash..] : "";
        string decoded = Uri.UnescapeDataString(Uri.UnescapeDataString(rawPath));
        if (decoded.Split('/', '\\').Any(segment => segment is "." or ".."))
        {
            return "A base URL has no \".\" or \"..\" segments.";
        }
        string host = parsed.IdnHost.TrimEnd('.');
        if (MetadataHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IsForbidden(address)))
        {
            return "Link-local and metadata addresses are never allowed.";
        }
        return null;
    }

    /// <summary>Link-local, metadata, multicast and unspecified addresses, in whatever form they hide: refused whatever is configured.</summary>
    public static bool IsForbidden(IPAddress address)
    {
        address = Unwrap(address);
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast))
        {
            return true;
        }
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.IsIPv6SiteLocal || Metadata6.Contains(address);
        }
        Span<byte> b = stackalloc byte[4];
        address.TryWriteBytes(b, out _);
        return b[0] == 0 || b[0] >= 224 || (b[0] == 169 && b[1] == 254)
            // Metadata services outside the link-local range: Alibaba Cloud, Oracle Cloud and Azure's host.
            || (b[0] == 168 && b[1] == 63 && b[2] == 129 && b[3] == 16)
            || (b[0] == 100 && b[1] == 100 && b[2] == 100 && b[3] == 200)
            || (b[0] == 192 && b[1] == 0 && b[2] == 0 && b[3] == 192);
    }

    /// <summary>Loopback, RFC 1918, shared (100.64/10) and unique-local addresses: allowed only where a setting says so.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        address = Unwrap(address);
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address.IsIPv6UniqueLocal;
        }
        Span<byte> b = stackalloc byte[4];
        address.TryWriteBytes(b, out _);
        return b[0] == 10 || (b[0] == 172 && b[1] is >= 16 and <= 31) || (b[0] == 192 && b[1] == 168)
            || (b[0] == 100 && b[1] is >= 64 and <= 127) || (b[0] == 198 && b[1] is 18 or 19);
    }

    /// <summary>The IPv4 address inside a mapped, compatible, translated, NAT64, 6to4 or Teredo IPv6 address; else the address itself.</summary>
    public static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address;
        }
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }
        Span<byte> b = stackalloc byte[16];
        address.TryWriteBytes(b, out _);
        ReadOnlySpan<byte> nat64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
        bool compatible = b[..12].IndexOfAnyExcept((byte)0) < 0 && !(b[12] == 0 && b[13] == 0 && b[14] == 0);
        ReadOnlySpan<byte> translated = [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0];
        ReadOnlySpan<byte> localNat64 = [0x00, 0x64, 0xff, 0x9b, 0x00, 0x01];
        if (b[..12].SequenceEqual(nat64) || compatible || b[..12].SequenceEqual(translated) || b[..6].SequenceEqual(localNat64))
        {
            return new IPAddress(b[12..]);
        }
        if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0)
        {
            // Teredo holds it inverted.
            return new IPAddress([(byte)~b[12], (byte)~b[13], (byte)~b[14], (byte)~b[15]]);
        }
        return b[0] == 0x20 && b[1] == 0x02 ? new IPAddress(b[2..6]) : address;
    }
}
