using System.Text;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Capture;

public class CaptureTests
{
    private readonly MemorySink _sink = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DateTimeOffset InAnHour { get; } = TimeProvider.System.GetUtcNow().AddHours(1);

    [Fact]
    public async Task Capture_ManyAtOnce_CountsDownExactly()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream, 50);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => gateway.ChatAsync()));

        await Eventually.TrueAsync(() => _sink.Calls.Count >= 50);
        int noted = 0;
        for (int i = 0; i < 200; i++)
        {
            noted += (await gateway.NextRecordAsync()).Trace!.Captured is true ? 1 : 0;
        }
        (_sink.Calls.Count, noted, OrderOf(gateway).Left).ShouldBe((50, 50, 0));
        _sink.Calls.Select(c => c.Record.Id).Distinct().Count().ShouldBe(50);
    }

    [Fact]
    public async Task Capture_Off_NothingIsKept()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream, 0);

        await gateway.ChatAsync();

        (await gateway.NextRecordAsync()).Trace!.Captured.ShouldBeNull();
        _sink.Calls.ShouldBeEmpty();
        KeyOf(gateway).Capture.ShouldBeNull();
    }

    [Fact]
    public async Task Capture_Answer_IsWhatTheClientGot()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream, 1);

        string got = await (await gateway.ChatAsync("\"temperature\":0.5")).Content.ReadAsStringAsync(Cancel);

        CapturedCall call = await NextAsync();
        Text(call.Request).ShouldBe(TestGateway.Body("\"temperature\":0.5"));
        Text(call.Answer).ShouldBe(got);
        (call.Request.IsCut, call.Answer.IsCut, call.Answer.Length).ShouldBe((false, false, call.Record.ResponseBytes));
    }

    [Fact]
    public async Task Capture_Headers_AreThoseOfTheClientAndItsAnswerWithoutTheKey()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream, 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(TestGateway.Body(""), Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", "Bearer " + TestGateway.Key);
        request.Headers.Add("X-Odd", "again " + TestGateway.Key);
        request.Headers.Add("X-App", "search");
        using HttpResponseMessage answer = await gateway.Client.SendAsync(request, Cancel);

        CapturedCall call = await NextAsync();
        call.RequestHeaders.ShouldContain(KeyValuePair.Create("x-app", "search"));
        call.RequestHeaders.ShouldContain(KeyValuePair.Create("x-odd", CapturedCall.Hidden));
        string.Join('\n', call.RequestHeaders).ShouldNotContain(TestGateway.Key);
        call.AnswerHeaders.ShouldContain(KeyValuePair.Create("content-type", "application/json"));
        call.AnswerHeaders.ShouldContain(KeyValuePair.Create("x-request-id", answer.Headers.GetValues("x-request-id").Single()));
    }

    [Fact]
    public async Task Capture_Stream_IsKeptEventByEvent()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("some ")}\n\n");
            await c.ChunkAsync($"data: {Answers.Delta("words")}\n\ndata: {Answers.Finish}\n\ndata: [DONE]\n\n");
        });
        await using TestGateway gateway = await StartAsync(upstream, 1);

        string got = await (await gateway.ChatAsync("\"stream\":true")).Content.ReadAsStringAsync(Cancel);

        CapturedCall call = await NextAsync();
        Text(call.Answer).ShouldBe(got);
        Answers.TextOf(Text(call.Answer)).ShouldBe("some words");
    }

    [Fact]
    public async Task Capture_StreamThatBreaks_HoldsTheErrorThatTheClientGot()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("some ")}\n\n");
            c.Break();
        });
        await using TestGateway gateway = await StartAsync(upstream, 1);

        string got = await (await gateway.ChatAsync("\"stream\":true")).Content.ReadAsStringAsync(Cancel);

        string kept = Text((await NextAsync()).Answer);
        kept.ShouldBe(got);
        kept.ShouldContain("\"error\"");
    }

    [Fact]
    public async Task Capture_Refused_HoldsTheError()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream, 1);

        HttpResponseMessage answer = await gateway.PostAsync("""{"model":"nobody","messages":[{"role":"user","content":"hi"}]}""");

        ((int)answer.StatusCode).ShouldBe(404);
        CapturedCall call = await NextAsync();
        Text(call.Answer).ShouldBe(await answer.Content.ReadAsStringAsync(Cancel));
        call.Record.Status.ShouldBe(404);
    }

    [Fact]
    public async Task Capture_LargeBodies_AreCutAndSaySo_TheClientGetsAll()
    {
        string large = new('x', CapturedCall.MostBytes);
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat.Replace("hi there", large, StringComparison.Ordinal));
        await using TestGateway gateway = await StartAsync(upstream, 1);
        string body = TestGateway.Body().Replace("hello", large, StringComparison.Ordinal);

        string got = await (await gateway.PostAsync(body)).Content.ReadAsStringAsync(Cancel);

        CapturedCall call = await NextAsync();
        (call.Request.Kept.Length, call.Request.Length, call.Request.IsCut).ShouldBe((CapturedCall.MostBytes, body.Length, true));
        (call.Answer.Kept.Length, call.Answer.Length, call.Answer.IsCut).ShouldBe((CapturedCall.MostBytes, got.Length, true));
        got.ShouldStartWith(Text(call.Answer));
        got.ShouldContain(large);
    }

    [Fact]
    public async Task Capture_NoRoom_IsNotCountedAndTheRecordSaysSo()
    {
        _sink.HasRoom = false;
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream, 1);

        ((int)(await gateway.ChatAsync()).StatusCode).ShouldBe(200);
        (await gateway.NextRecordAsync()).Trace!.Captured.ShouldBe(false);
        OrderOf(gateway).Left.ShouldBe(1);

        _sink.HasRoom = true;
        await gateway.ChatAsync();
        await NextAsync();
        OrderOf(gateway).Left.ShouldBe(0);
    }

    [Fact]
    public async Task Capture_CatalogChanges_TheCountGoesOn()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = WithCapture(TestGateway.ModelOver(upstream.Url), 5, InAnHour);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, configure: s => s.AddSingleton<ICaptureSink>(_sink));
        await gateway.ChatAsync();
        CaptureOrder order = OrderOf(gateway);

        gateway.Catalog.Replace(catalog).ShouldBeEmpty();
        (OrderOf(gateway), order.Left).ShouldBe((order, 4));

        // Other nodes have kept three.
        gateway.Catalog.Replace(WithCapture(catalog, 2, InAnHour)).ShouldBeEmpty();
        (OrderOf(gateway), order.Left).ShouldBe((order, 2));

        gateway.Catalog.Replace(WithCapture(catalog, 7, InAnHour.AddMinutes(1))).ShouldBeEmpty();
        OrderOf(gateway).Left.ShouldBe(7);
        gateway.Catalog.Replace(WithCapture(catalog, 0, InAnHour)).ShouldBeEmpty();
        KeyOf(gateway).Capture.ShouldBeNull();
    }

    [Fact]
    public void Order_TimeIsOver_TakesNone()
    {
        var order = new CaptureOrder(3, InAnHour);

        order.TryTake(InAnHour).ShouldBeFalse();
        order.TryTake(InAnHour.AddMilliseconds(-1)).ShouldBeTrue();

        order.Left.ShouldBe(2);
        order.LowerTo(5);
        order.Left.ShouldBe(2, "what is left is never raised");
        order.LowerTo(-1);
        order.Left.ShouldBe(0);
    }

    [Theory]
    [InlineData(Operation.ChatCompletions, true)]
    [InlineData(Operation.GenerateContent, true)]
    [InlineData(Operation.Rerank, true)]
    [InlineData(Operation.Speech, false)]
    [InlineData(Operation.Transcriptions, false)]
    [InlineData(Operation.PassThrough, false)]
    public void CanBeCaptured_SoundAndWhatPassesThrough_IsNot(Operation operation, bool expected) => operation.CanBeCaptured().ShouldBe(expected);

    private Task<TestGateway> StartAsync(ScriptedUpstream upstream, int most) => TestGateway.StartAsync(
        WithCapture(TestGateway.ModelOver(upstream.Url), most, InAnHour), configure: s => s.AddSingleton<ICaptureSink>(_sink));

    private async Task<CapturedCall> NextAsync()
    {
        await Eventually.TrueAsync(() => !_sink.Calls.IsEmpty);
        return _sink.Calls.TryDequeue(out CapturedCall? call) ? call : throw new InvalidOperationException();
    }

    private static CatalogDefinition WithCapture(CatalogDefinition catalog, int most, DateTimeOffset until) =>
        catalog with { Keys = [TestGateway.KeyOf(TestGateway.Key) with { CaptureMost = most, CaptureUntil = until }] };

    private static ApiKey KeyOf(TestGateway gateway) => gateway.Catalog.Current.Keys.Values.Single();

    private static CaptureOrder OrderOf(TestGateway gateway) => KeyOf(gateway).Capture!;

    private static string Text(CapturedBytes bytes) => Encoding.UTF8.GetString(bytes.Kept.Span);
}
