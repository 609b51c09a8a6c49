namespace Gateway.Web.Components.Controls.Markdown;

/// <summary>A block of Markdown.</summary>
internal abstract record MarkdownBlock;

internal sealed record Heading(int Level, string Text) : MarkdownBlock;

internal sealed record Paragraph(string Text) : MarkdownBlock;

internal sealed record CodeBlock(string Language, string Code) : MarkdownBlock;

internal sealed record Quote(IReadOnlyList<MarkdownBlock> Blocks) : MarkdownBlock;

/// <param name="Start">The first number; null for a list without numbers.</param>
internal sealed record ItemList(int? Start, IReadOnlyList<IReadOnlyList<MarkdownBlock>> Items) : MarkdownBlock;

internal sealed record PipeTable(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows) : MarkdownBlock;

internal sealed record Rule : MarkdownBlock;
