using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>The two scripts that count limits and budgets in Redis; window.lua says what they keep there.</summary>
internal static class LimitScripts
{
    public static RedisScript Reserve { get; } = Load("reserve.lua");

    public static RedisScript Settle { get; } = Load("settle.lua");

    private static RedisScript Load(string name) => new(Read("window.lua") + Read(name));

    private static string Read(string name)
    {
        using Stream stream = typeof(LimitScripts).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
