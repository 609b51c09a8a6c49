using System.Globalization;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// What a model takes, told from its name, because Anthropic refuses with a 400 what a model does not know. A name that is
/// not Claude's (another vendor's server that speaks this wire) gets the manners of the models that such servers imitate.
/// Source: Anthropic's pages on extended and adaptive thinking, structured outputs, and the migration notes of each release.
/// </summary>
/// <param name="version">Major × 100 + minor: 405 is 4.5.</param>
internal readonly struct AnthropicModel(bool claude, int version)
{
    private const int Newest = int.MaxValue;

    /// <summary>Thinks at all: from 3.7 on.</summary>
    public bool Thinks => !claude || version >= 307;

    /// <summary>Decides itself how much to think, guided by an effort (from 4.6 on); older ones want a number of tokens.</summary>
    public bool ThinksAdaptively => claude && version >= 406;

    /// <summary>Knows the effort <c>xhigh</c>.</summary>
    public bool KnowsExtraHigh => version >= 407;

    /// <summary>Takes <c>output_config.format</c> and strict tools: from 4.1 on.</summary>
    public bool TakesSchema => !claude || version >= 401;

    /// <summary>Takes temperature, top_p and top_k: up to 4.6.</summary>
    public bool TakesSampling => !claude || version < 407;

    /// <summary>Takes temperature and top_p together: up to 4.0.</summary>
    public bool TakesBothSamplings => !claude || version < 401;

    /// <summary>Takes a system message in the middle of a conversation: from 4.8 on.</summary>
    public bool TakesSystemTurns => claude && version >= 408;

    /// <summary>Goes on from an unfinished assistant message at the end: up to 4.5.</summary>
    public bool TakesPrefill => !claude || version < 406;

    public static AnthropicModel Of(string name)
    {
        int at = name.IndexOf("claude", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? new AnthropicModel(claude: false, Newest) : new AnthropicModel(claude: true, VersionOf(name.AsSpan(at)));
    }

    // claude-3-7-sonnet-20250219, claude-sonnet-4-5, claude-opus-4@20250514, claude-opus-5-5, claude-mythos-preview: the first
    // number is the major version, a short one right after it the minor; a date is neither.
    private static int VersionOf(ReadOnlySpan<char> name)
    {
        int major = -1;
        foreach (Range range in name.SplitAny('-', '@', '.', ':', '_'))
        {
            bool number = int.TryParse(name[range], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < 100;
            if (major >= 0)
            {
                return (major * 100) + (number ? value : 0);
            }
            if (number)
            {
                major = value;
            }
        }
        return major < 0 ? Newest : major * 100;
    }
}
