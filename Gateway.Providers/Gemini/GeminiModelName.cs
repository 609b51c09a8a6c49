using System.Buffers;
using System.Globalization;

namespace Gateway.Providers.Gemini;

/// <summary>What a model's name says of its generation: <c>gemini-2.5-flash</c> is of 2.5.</summary>
internal static class GeminiModelName
{
    private const string Family = "gemini-";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Null when the name tells nothing (<c>gemini-flash-latest</c>, a tuned model): such a model counts as new.</summary>
    public static double? Generation(string model)
    {
        int at = model.LastIndexOf(Family, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }
        ReadOnlySpan<char> rest = model.AsSpan(at + Family.Length);
        int length = rest.IndexOfAnyExcept(Digits);
        return double.TryParse(length < 0 ? rest : rest[..length], CultureInfo.InvariantCulture, out double generation) ? generation : null;
    }

    /// <summary>Whether thoughts exist at all.</summary>
    public static bool Thinks(string model) => Generation(model) is not < 2.5;

    /// <summary>Whether a function call without a signature is refused.</summary>
    public static bool ChecksSignatures(string model) => Generation(model) is not < 3;

    /// <summary>Whether functions and tools that Google runs go together, and functions may give back pictures.</summary>
    public static bool MixesTools(string model) => Generation(model) is >= 3;

    /// <summary>Whether JSON schemas are taken as they are; before, only Google's subset of OpenAPI's.</summary>
    public static bool TakesJsonSchema(string model) => Generation(model) is not < 2;
}
