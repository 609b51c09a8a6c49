namespace Gateway.Core.Catalog.Kinds;

/// <summary>One setting that providers of a kind have.</summary>
/// <param name="Label">For the console.</param>
/// <param name="Hint">One sentence: what it does, an example, the default.</param>
/// <param name="Problem">What is wrong with a value, as a sentence that says what is right; null if nothing is.</param>
public sealed record KindSetting(string Name, string Label, string Hint, Func<string, string?> Problem)
{
    public bool Required { get; init; }
}
