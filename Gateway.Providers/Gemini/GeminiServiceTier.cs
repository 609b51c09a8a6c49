namespace Gateway.Providers.Gemini;

/// <summary>Google's names of service tiers; the canonical form uses OpenAI's.</summary>
internal static class GeminiServiceTier
{
    public static string? Read(string tier) => tier.ToLowerInvariant() switch
    {
        "standard" => "default",
        "unspecified" => null,
        var other => other,
    };

    public static string Write(string tier) => tier == "default" ? "standard" : tier;
}
