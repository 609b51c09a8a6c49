using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Gateway.Web.Components.Controls.Markdown;

/// <summary>
/// Shows Markdown from a source that is not trusted. Every element is made here by name and every text is text, so there is nothing to
/// sanitise: no HTML, no pictures, and links only to web pages and mail addresses, without a referrer.
/// </summary>
public sealed class MarkdownText : ComponentBase
{
    // A book is shown as it is written.
    private const int MostLength = 200_000;

    private string? _read;
    private IReadOnlyList<MarkdownBlock> _blocks = [];

    [Parameter, EditorRequired] public string Text { get; set; } = "";

    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_read, Text) && _read != Text)
        {
            _blocks = Text.Length > MostLength ? [new CodeBlock("", Text)] : MarkdownReader.Read(Text);
        }
        _read = Text;
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, "div");
        builder.AddAttribute(1, "class", "markdown");
        int sequence = 2;
        Draw(builder, _blocks, ref sequence);
        builder.CloseElement();
    }

    private static void Draw(RenderTreeBuilder builder, IReadOnlyList<MarkdownBlock> blocks, ref int sequence)
    {
        foreach (MarkdownBlock block in blocks)
        {
            Draw(builder, block, ref sequence);
        }
    }

    private static void Draw(RenderTreeBuilder builder, MarkdownBlock block, ref int sequence)
    {
        switch (block)
        {
            case Heading heading:
                // The page's own headings come first; an answer's begin below them.
                builder.OpenElement(sequence++, "p");
                builder.AddAttribute(sequence++, "class", "markdown-head");
                Draw(builder, heading.Text, ref sequence);
                builder.CloseElement();
                break;
            case Paragraph paragraph:
                builder.OpenElement(sequence++, "p");
                Draw(builder, paragraph.Text, ref sequence);
                builder.CloseElement();
                break;
            case CodeBlock code:
                builder.OpenElement(sequence++, "pre");
                builder.AddAttribute(sequence++, "tabindex", "0");
                builder.OpenElement(sequence++, "code");
                builder.AddContent(sequence++, code.Code);
                builder.CloseElement();
                builder.CloseElement();
                break;
            case Quote quote:
                builder.OpenElement(sequence++, "blockquote");
                Draw(builder, quote.Blocks, ref sequence);
                builder.CloseElement();
                break;
            case ItemList list:
                DrawList(builder, list, ref sequence);
                break;
            case PipeTable table:
                DrawTable(builder, table, ref sequence);
                break;
            default:
                builder.OpenElement(sequence++, "hr");
                builder.CloseElement();
                break;
        }
    }

    private static void DrawList(RenderTreeBuilder builder, ItemList list, ref int sequence)
    {
        builder.OpenElement(sequence++, list.Start is null ? "ul" : "ol");
        if (list.Start is { } start and not 1)
        {
            builder.AddAttribute(sequence++, "start", start.ToString(CultureInfo.InvariantCulture));
        }
        foreach (IReadOnlyList<MarkdownBlock> item in list.Items)
        {
            builder.OpenElement(sequence++, "li");
            if (item is [Paragraph only])
            {
                Draw(builder, only.Text, ref sequence);
            }
            else
            {
                Draw(builder, item, ref sequence);
            }
            builder.CloseElement();
        }
        builder.CloseElement();
    }

    private static void DrawTable(RenderTreeBuilder builder, PipeTable table, ref int sequence)
    {
        builder.OpenElement(sequence++, "div");
        builder.AddAttribute(sequence++, "class", "table-wrap");
        builder.OpenElement(sequence++, "table");
        builder.AddAttribute(sequence++, "class", "table");
        DrawRow(builder, table.Head, "th", ref sequence);
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            DrawRow(builder, row, "td", ref sequence);
        }
        builder.CloseElement();
        builder.CloseElement();
    }

    private static void DrawRow(RenderTreeBuilder builder, IReadOnlyList<string> cells, string element, ref int sequence)
    {
        builder.OpenElement(sequence++, "tr");
        foreach (string cell in cells)
        {
            builder.OpenElement(sequence++, element);
            Draw(builder, cell, ref sequence);
            builder.CloseElement();
        }
        builder.CloseElement();
    }

    private static void Draw(RenderTreeBuilder builder, string text, ref int sequence) => Draw(builder, MarkdownInline.Read(text), ref sequence);

    private static void Draw(RenderTreeBuilder builder, IReadOnlyList<Inline> inlines, ref int sequence)
    {
        foreach (Inline inline in inlines)
        {
            string? element = inline.Kind switch
            {
                InlineKind.Code => "code",
                InlineKind.Strong => "strong",
                InlineKind.Emphasis => "em",
                InlineKind.Deleted => "del",
                InlineKind.Link => "a",
                InlineKind.Break => "br",
                _ => null,
            };
            if (element is null)
            {
                builder.AddContent(sequence++, inline.Text);
                continue;
            }
            builder.OpenElement(sequence++, element);
            if (inline.Kind == InlineKind.Link)
            {
                builder.AddAttribute(sequence++, "href", inline.Address);
                builder.AddAttribute(sequence++, "target", "_blank");
                builder.AddAttribute(sequence++, "rel", "noopener noreferrer nofollow");
            }
            if (inline.Kind == InlineKind.Code)
            {
                builder.AddContent(sequence++, inline.Text);
            }
            Draw(builder, inline.Inner, ref sequence);
            builder.CloseElement();
        }
    }
}
