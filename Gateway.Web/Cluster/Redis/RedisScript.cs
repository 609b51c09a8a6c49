using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Web.Cluster.Redis;

/// <summary>A Lua script and the name under which Redis keeps it.</summary>
internal sealed class RedisScript(string text)
{
    public string Text { get; } = text;

    [SuppressMessage("Security", "CA5350", Justification = "The name that Redis gives scripts is their SHA-1; nothing is protected by it.")]
    public string Sha { get; } = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
}
