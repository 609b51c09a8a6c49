using System.Diagnostics;
using Bunit;
using Gateway.Web.Components.Controls.Markdown;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components.Playground;

/// <summary>What models write, as pages show it.</summary>
public sealed class MarkdownTests : BunitContext
{
    public MarkdownTests() => Services.AddScoped<Web.Components.Controls.Show>();

    [Fact]
    public void Markdown_OfTheUsualKind_IsShownAsSuch()
    {
        IRenderedComponent<MarkdownText> text = Show("""
            ## A heading

            Some **bold**, *slanted* and `code` with a [link](https://example.com/a?b=1).
            second line

            - one
            - two
              1. inner
              2. more
            - three

            > quoted
            > text

            ```csharp
            var x = "<b>";
            ```

            | a | b |
            |---|---|
            | 1 | **2** |

            ---
            """);
        text.Find(".markdown-head").TextContent.ShouldBe("A heading");
        text.Find("strong").TextContent.ShouldBe("bold");
        text.Find("em").TextContent.ShouldBe("slanted");
        text.Find("p code").TextContent.ShouldBe("code");
        text.Find("a").GetAttribute("href").ShouldBe("https://example.com/a?b=1");
        text.Find("a").GetAttribute("rel").ShouldBe("noopener noreferrer nofollow");
        text.FindAll(".markdown > ul > li").Count.ShouldBe(3);
        text.FindAll("ol > li").Select(l => l.TextContent).ShouldBe(["inner", "more"]);
        text.Find("blockquote").TextContent.ShouldContain("quoted");
        text.Find("pre code").TextContent.ShouldBe("var x = \"<b>\";");
        text.FindAll("td").Select(c => c.TextContent).ShouldBe(["1", "2"]);
        text.FindAll("hr").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("<script>alert(1)</script> <img src=x onerror=alert(1)> <b>x</b>")]
    [InlineData("[click](javascript:alert(1)) [d](data:text/html,x) [r](/relative) [f](file:///etc/passwd)")]
    [InlineData("![picture](https://evil.example/track.png)")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("[x](<javascript:alert(1)>) [y]( javascript:alert(1) )")]
    public void Markdown_OfTheHostileKind_MakesNoElementThatCouldHarm(string hostile)
    {
        IRenderedComponent<MarkdownText> text = Show(hostile);
        text.FindAll("script, img, iframe, svg, b, style, object").ShouldBeEmpty();
        text.FindAll("a").ShouldAllBe(a => a.GetAttribute("href")!.StartsWith("https://"));
    }

    [Fact]
    public void Picture_BecomesALinkToIt() =>
        Show("![a chart](https://example.com/c.png)").Find("a").TextContent.ShouldBe("a chart");

    [Theory]
    [InlineData("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4")]
    [InlineData("an **unfinished", "an **unfinished")]
    [InlineData(@"a \*literal\* star", "a *literal* star")]
    [InlineData("a [link](http", "a [link](http")]
    public void Text_ThatOnlyLooksLikeMarks_StaysText(string text, string shown) => Show(text).Find("p").TextContent.ShouldBe(shown);

    [Fact]
    public void Stream_InTheMiddleOfACodeBlock_ShowsCode() => Show("Here:\n```js\nlet a = 1;").Find("pre code").TextContent.ShouldBe("let a = 1;");

    [Theory]
    [InlineData("[")]
    [InlineData("*a ")]
    [InlineData("> ")]
    [InlineData("`")]
    [InlineData("- ")]
    [InlineData("![](")]
    [InlineData("**_~~")]
    public void Markdown_MadeToTakeLong_DoesNot(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 150_000 / piece.Length));
        var watch = Stopwatch.StartNew();
        foreach (MarkdownBlock block in MarkdownReader.Read(text))
        {
            if (block is Paragraph paragraph)
            {
                MarkdownInline.Read(paragraph.Text);
            }
        }
        // Quadratic time would take minutes; a busy machine does not.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    private IRenderedComponent<MarkdownText> Show(string text) => Render<MarkdownText>(p => p.Add(m => m.Text, text));
}
