using System.IO.Enumeration;

namespace Gateway.Core.Catalog;

/// <summary>A name, or a pattern in which <c>*</c> stands for any run of characters.</summary>
public readonly record struct ModelPattern(string Text)
{
    public bool Matches(ReadOnlySpan<char> name) =>
        FileSystemName.MatchesSimpleExpression(Text, name, ignoreCase: false);
}
