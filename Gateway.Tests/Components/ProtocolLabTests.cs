using Bunit;
using Gateway.Web.Components.Pages.ProtocolLab;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class ProtocolLabTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Pasted_IsComparedAndNeverInTheAddress()
    {
        IRenderedComponent<ProtocolLabPage> page = _console.Render<ProtocolLabPage>();
        page.Find(".empty h2").TextContent.ShouldBe("Nothing to compare yet");

        await page.ChangeAsync("#lab-text", """{"model":"m","messages":[{"role":"user","content":"a secret question"}],"seed":1}""");
        await page.SubmitAsync("form");

        page.FindAll(".lab-result h2").Select(h => h.TextContent).ShouldBe(["Responses", "Messages", "Gemini", "Bedrock Converse", "Cohere Chat"]);
        page.Find("[aria-label='Messages'] .badge.bad").TextContent.ShouldBe("1 lost");
        page.Find("[aria-label='Messages']").TextContent.ShouldContain("seed");
        page.Find("[aria-label='Gemini'] .badge.good").TextContent.ShouldBe("complete");
        _console.Get<NavigationManager>().Uri.ShouldNotContain("secret");
    }

    [Fact]
    public void Loss_NamesTheProtocolAsPeopleDo()
    {
        _console.Get<NavigationManager>().NavigateTo("/protocol-lab?from=openai-chat&kind=request&sample=own");

        IRenderedComponent<ProtocolLabPage> page = _console.Render<ProtocolLabPage>();

        page.Find("[aria-label='Gemini']").TextContent.ShouldContain("Only Chat Completions has this field.");
        page.Find(".lab-results").TextContent.ShouldNotContain("openai-chat");
    }

    [Fact]
    public async Task Mistake_IsToldWithItsPlace()
    {
        IRenderedComponent<ProtocolLabPage> page = _console.Render<ProtocolLabPage>();
        await page.ChangeAsync("#lab-text", "{\n\"model\": }");
        await page.SubmitAsync("form");
        page.Find(".problems").TextContent.ShouldContain("line 2, column 10");
        page.FindAll(".lab-result").ShouldBeEmpty();
    }

    [Fact]
    public async Task Address_ChoosesProtocolKindAndSample()
    {
        _console.Get<NavigationManager>().NavigateTo("/protocol-lab?from=anthropic-messages&kind=stream&sample=text");
        IRenderedComponent<ProtocolLabPage> page = _console.Render<ProtocolLabPage>();
        page.Find("#lab-text").GetAttribute("value").ShouldNotBeNull().ShouldContain("message_start");
        page.Find("[aria-label='Chat Completions'] pre").TextContent.ShouldContain("data: [DONE]");

        await page.PressAsync("A request", ".segments button");
        _console.Get<NavigationManager>().Uri.ShouldContain("kind=request");
    }
}
