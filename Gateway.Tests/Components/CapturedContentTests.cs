using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Captures;
using Gateway.Web.Components.Pages.Keys;
using Gateway.Web.Components.Pages.Requests;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Captures;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>What the drawer shows of a captured call, and to whom.</summary>
public sealed class CapturedContentTests : IAsyncLifetime
{
    private const string Request =
        """{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is <b>bold</b>?"},{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"look_up","arguments":"{\"word\":\"bold\"}"}}]},{"role":"tool","tool_call_id":"t1","content":"a weight"}]}""";

    private const string Answer =
        """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"A **heavy** face."},"finish_reason":"stop"}]}""";

    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operator_SeesTheConversation_AndIsTakenDownOnce()
    {
        UsageRecord call = await KeepAsync(Request, Answer);

        IRenderedComponent<MessagesPart> part = Render(call);

        await part.WaitForAssertionAsync(() => part.FindAll(".said").Count.ShouldBe(5));
        part.FindAll(".said h3").Select(h => h.TextContent).ShouldBe(["System", "User", "Assistant", "Tool", "Answer"]);
        part.Find(".said.user .said-text").TextContent.ShouldBe("What is <b>bold</b>?");
        part.Find(".said.answer strong").TextContent.ShouldBe("heavy");
        part.FindAll(".tool-call strong").Select(s => s.TextContent).ShouldBe(["look_up", "look_up"]);
        part.FindAll(".raw-content pre")[0].TextContent.ShouldContain("\"Be brief.\"");
        part.Find("a[href*=\"/playground?request=\"]").TextContent.ShouldContain("Replay");

        IRenderedComponent<MessagesPart> again = Render(call);
        await again.WaitForAssertionAsync(() => again.FindAll(".said").Count.ShouldBe(5));
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        (await context.Audit.CountAsync(a => a.Action == "content.read", Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Headers_AreShownWithoutTheirSecrets()
    {
        UsageRecord call = await KeepAsync(Request, Answer, headers:
            [new("authorization", "Bearer ml-secret"), new("cookie", "a=b"), new("x-api-key", "k"), new("x-signature", "s"), new("idempotency-key", "order-7"), new("user-agent", "app/1.0"), new("referer", "https://a.example/?key=abc")]);

        IRenderedComponent<HeadersPart> part = _console.Render<HeadersPart>(p => p
            .Add(m => m.Record, call).Add(m => m.Known, true).Add(m => m.CapturedUntil, TimeProvider.System.GetUtcNow().AddDays(1)));

        await part.WaitForAssertionAsync(() => part.FindAll("[aria-labelledby=headers-request] dd").Count.ShouldBe(7));
        part.FindAll("[aria-labelledby=headers-request] dd").Select(d => d.TextContent)
            .ShouldBe(["•••", "•••", "•••", "•••", "order-7", "app/1.0", "https://a.example/?key=<redacted:key>"]);
        part.Find("[aria-labelledby=headers-answer] dd").TextContent.ShouldBe("1");
    }

    [Fact]
    public void Headers_OfACallThatWasNotCaptured_SayHowToHaveThem()
    {
        IRenderedComponent<HeadersPart> part = _console.Render<HeadersPart>(p => p.Add(m => m.Record, Call(Operation.ChatCompletions, false)).Add(m => m.Known, true));
        part.Markup.ShouldContain("capture its content");
        part.FindAll("[aria-labelledby=headers-request]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Stream_IsPutTogether_AndAKeyInPiecesIsSeen()
    {
        string chunks = string.Concat(((string[])["Use sk-proj-0123", "456789abcdef0123 now"]).Select(t =>
            $"data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{t}\"}},\"finish_reason\":null}}]}}\n\n"));
        UsageRecord call = await KeepAsync(Request, chunks, streamed: true);

        IRenderedComponent<MessagesPart> part = Render(call);

        await part.WaitForAssertionAsync(() => part.Find(".said.answer .markdown").TextContent.Trim().ShouldBe("Use <redacted:key> now"));
    }

    [Fact]
    public async Task Viewer_GetsASentence_AndNothingIsRead()
    {
        UsageRecord call = await KeepAsync(Request, Answer);
        _console.Person.SetPolicies(ConsolePolicies.Viewer);

        IRenderedComponent<MessagesPart> part = Render(call);

        part.Find(".empty h2").TextContent.ShouldBe("What was said is for operators");
        part.Markup.ShouldNotContain("Be brief");
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        (await context.Audit.AnyAsync(Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task TeamOperator_OtherTeamsKey_IsRefused()
    {
        UsageRecord call = await KeepAsync(Request, Answer, team: "theirs");
        var captures = _console.Get<Gateway.Web.Administration.Captures.CapturedCalls>();

        (await captures.ReadAsync(call, new Actor("eve", ["ours"]), Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await captures.DeleteAsync(call, new Actor("eve", ["ours"]), Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await captures.ReadAsync(call, new Actor("bob", ["theirs"]), Cancel)).IsDone.ShouldBeTrue();
    }

    [Fact]
    public async Task Embeddings_AreShownRaw()
    {
        UsageRecord call = await KeepAsync("""{"model":"m","input":"words"}""", """{"object":"list","data":[]}""", Operation.Embeddings);

        IRenderedComponent<MessagesPart> part = Render(call);

        await part.WaitForAssertionAsync(() => part.FindAll(".raw-content[open]").Count.ShouldBe(2));
        part.FindAll(".said").ShouldBeEmpty();
        part.FindAll("a[href*=\"/playground\"]").ShouldBeEmpty();
    }

    [Fact]
    public void NothingKept_SaysWhy()
    {
        UsageRecord call = Call(Operation.ChatCompletions, false);
        Render(call, null).Find(".empty h2").TextContent.ShouldBe("What was said was not recorded");
        call.Trace = new CallTrace { Captured = false };
        Render(call, null).Find(".empty h2").TextContent.ShouldBe("There was no room for what was said");
        call.Trace = new CallTrace { Captured = true };
        Render(call, null).Find(".empty h2").TextContent.ShouldBe("What was said is not here");
    }

    [Fact]
    public async Task Keys_Captured_ShowsHowManyAreLeft_AndTheDialogStopsIt()
    {
        string id = (await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "app" }, Actor.System, Cancel)).Value!.ApiKey.Id;
        await _console.Get<KeyCaptures>().StartAsync(id, new KeyCapture { Requests = 17 }, Actor.System, Cancel);

        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        await page.WaitForAssertionAsync(() => page.Find("td[data-label=State] .badge.info").TextContent.ShouldContain("17 left"));

        KeyView key = (await _console.Get<KeyAdministration>().GetAsync(id, Cancel)).Value!;
        IRenderedComponent<CaptureDialog> dialog = _console.Render<CaptureDialog>(p => p.Add(d => d.Key, key));
        dialog.Find("[role=status]").TextContent.ShouldContain("17 more requests");
        await dialog.ClickAsync(".btn-danger");
        (await _console.Get<KeyAdministration>().GetAsync(id, Cancel)).Value!.CaptureLeft.ShouldBe(0);
    }

    private IRenderedComponent<MessagesPart> Render(UsageRecord call) => Render(call, TimeProvider.System.GetUtcNow().AddDays(1));

    private IRenderedComponent<MessagesPart> Render(UsageRecord call, DateTimeOffset? until) =>
        _console.Render<MessagesPart>(p => p.Add(m => m.Record, call).Add(m => m.Known, true).Add(m => m.CapturedUntil, until));

    private async Task<UsageRecord> KeepAsync(string request, string answer, Operation operation = Operation.ChatCompletions, bool streamed = false, string? team = null, IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        UsageRecord call = Call(operation, streamed);
        var captured = new CapturedCall(call, new CaptureOrder(1, TimeProvider.System.GetUtcNow()), Bytes(request), Bytes(answer)) { RequestHeaders = headers ?? [], AnswerHeaders = [new("x-gateway-attempts", "1")] };
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        context.ApiKeys.Add(new ApiKeyRow { Id = "k", Name = "k", Prefix = "ml-", Hash = new string('0', 64), Team = team });
        context.CapturedCalls.Add(new CapturedCallRow
        {
            Id = call.Id.ToString("N"),
            KeyId = "k",
            At = call.StartedAt,
            ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(1),
            Body = _console.Get<CapturedBody>().Pack(CapturedContent.Of(captured)),
        });
        await context.SaveChangesAsync(Cancel);
        return call;
    }

    private static UsageRecord Call(Operation operation, bool streamed) => new()
    {
        Id = Guid.CreateVersion7(),
        RequestId = "r-1",
        StartedAt = TimeProvider.System.GetUtcNow(),
        Operation = operation,
        Method = "POST",
        Path = "/v1/" + operation.ToPath(),
        KeyId = "k",
        KeyName = "k",
        RequestedModel = "m",
        Model = "m",
        Status = 200,
        Streamed = streamed,
    };

    private static CapturedBytes Bytes(string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return new CapturedBytes(bytes, bytes.Length);
    }
}
