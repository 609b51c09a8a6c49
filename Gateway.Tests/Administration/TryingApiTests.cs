using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Conversations;
using Gateway.Web.Administration.Transcoding;
using Gateway.Web.Components.Pages.ProtocolLab;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>The protocol lab and kept conversations, as programs see them.</summary>
public sealed class TryingApiTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transcode_ShowsEveryWireAndWhatIsLost()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();

        JsonElement view = await admin.PostAsync(V1 + "/transcode", """
            {"from":"openai-chat","kind":"request","content":{"model":"m","messages":[{"role":"user","content":"Hi"}],"logprobs":true,"stream":true}}
            """, 200);

        JsonElement[] results = [.. view.GetProperty("results").EnumerateArray()];
        results.Select(r => r.GetProperty("to").GetString()).ShouldBe(["openai-responses", "anthropic-messages", "gemini", "bedrock-converse", "cohere-chat"]);
        JsonElement anthropic = results[1];
        anthropic.GetProperty("path").GetString().ShouldBe("/v1/messages");
        anthropic.GetProperty("body").GetProperty("messages")[0].GetProperty("role").GetString().ShouldBe("user");
        anthropic.GetProperty("lossy").GetBoolean().ShouldBeTrue();
        anthropic.GetProperty("reasons").EnumerateArray().ShouldContain(r => r.GetProperty("what").GetString() == "logprobs" && r.GetProperty("lossy").GetBoolean());
        results[2].GetProperty("path").GetString().ShouldBe("/v1beta/models/m:streamGenerateContent?alt=sse");

        // Valid JSON that no text can be made of was a 500.
        (await admin.PostAsync(V1 + "/transcode", """{"from":"openai-chat","kind":"request","content":"\ud800"}""", 400)).Paths().ShouldBe(["content"]);
        (await admin.PostAsync(V1 + "/transcode", """{"from":"x","kind":"y","content":"","to":["z"]}""", 400)).Paths().ShouldBe(["from", "kind", "to", "content"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("openai-chat", "request", "{\n  \"model\": \"m\",\n  \"messages\": [}", "line 3, column 16")]
    [InlineData("openai-chat", "request", "{\"model\":\"m\",\n\"messages\":[{\"role\":\"user\",\"content\":\"a\"},\n {\"content\":\"x\"}]}", "line 3")]
    [InlineData("openai-chat", "stream", "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: {oops\n\n", "line 3, column 1")]
    [InlineData("openai-chat", "stream", "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n", "broke off")]
    [InlineData("openai-chat", "stream", "nothing of the kind", "no event")]
    [InlineData("bedrock-converse", "stream", "data: {}", "binary")]
    public void Transcode_WhatIsWrong_IsToldWithItsPlace(string from, string kind, string content, string says)
    {
        AdministrationResult<TranscodeView> result = WireComparison.Run(new TranscodeInput { From = from, Kind = kind, Content = JsonSerializer.SerializeToElement(content) });

        result.Errors.ShouldHaveSingleItem().Message.ShouldContain(says);
    }

    public static TheoryData<string, string> Samples => [.. Wires.All.SelectMany(w => WireComparison.Kinds.Select(k => (w.ToName(), k)))];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Samples_OfEveryWire_CanBeReadAndWritten(string wire, string kind)
    {
        Wires.TryParse(wire, out Wire from).ShouldBeTrue();
        IReadOnlyList<WireSample> samples = WireSample.Of(from, kind);
        (samples.Count > 0).ShouldBe(from != Wire.BedrockConverse || kind != WireComparison.Stream);
        foreach (WireSample sample in samples)
        {
            AdministrationResult<TranscodeView> result = WireComparison.Run(new TranscodeInput { From = wire, Kind = kind, Content = JsonSerializer.SerializeToElement(sample.Text) });
            result.IsDone.ShouldBeTrue(sample.Id + ": " + result.Message);
            result.Value!.Results.Count.ShouldBe(5);
            result.Value.Results.ShouldAllBe(r => r.Error != null || (r.Text ?? r.Body!.Value.GetRawText()).Length > 2);
            if (sample.Id == "own")
            {
                result.Value.Results.ShouldContain(r => r.Lossy, $"{wire}: what only it has is lost elsewhere");
            }
        }
    }

    [Fact]
    public async Task Conversations_AreTheCallersOwn_RenamedAndDeleted()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        const string content = """{"panes":[{"model":"m","turns":[{"question":"Hi","answer":"Hello"}]}],"temperature":0.5}""";
        JsonElement first = await admin.PostAsync(V1 + "/conversations", $$"""{"name":"Hi","content":{{content}}}""");
        JsonElement second = await admin.PostAsync(V1 + "/conversations", $$"""{"name":"Hi","content":{{content}}}""");
        second.GetProperty("name").GetString().ShouldBe("Hi (2)");

        (await admin.GetAsync($"{V1}/conversations/{first.Id()}", 200)).GetProperty("content").GetProperty("panes")[0].GetProperty("turns")[0].GetProperty("answer").GetString().ShouldBe("Hello");
        (await admin.PutAsync($"{V1}/conversations/{first.Id()}", """{"name":"Greeting"}""")).GetProperty("content").GetProperty("temperature").GetDouble().ShouldBe(0.5);
        await admin.PutAsync($"{V1}/conversations/{second.Id()}", """{"name":"Greeting"}""", 409);
        (await admin.PutAsync($"{V1}/conversations/{second.Id()}", """{"name":"","content":{"panes":[]}}""", 400)).Paths().ShouldBe(["name", "content"]);

        // Somebody else's are not there.
        var all = product.Services.GetRequiredService<ConversationAdministration>();
        (await all.ListAsync(new Actor("console:bob"), Cancel)).ShouldBeEmpty();
        (await all.DeleteAsync(first.Id(), new Actor("console:bob"), Cancel)).Outcome.ShouldBe(AdministrationOutcome.NotFound);

        await admin.SendAsync(HttpMethod.Delete, $"{V1}/conversations/{first.Id()}", 204);
        await admin.GetAsync($"{V1}/conversations/{first.Id()}", 404);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/conversations", 204);
        (await admin.GetAsync(V1 + "/conversations", 200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Conversations_BeyondAHundred_PushTheOldestOut_AndLargePicturesAreNotKept()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        var all = product.Services.GetRequiredService<ConversationAdministration>();
        Actor ada = new Actor("console:ada");
        string small = "data:image/png;base64,AAAA";
        var turn = new ConversationTurn { Question = "Look", Images = [small, "data:image/png;base64," + new string('A', ConversationAdministration.MostImageLength)] };
        var change = new ConversationChange { Content = new ConversationContent { Panes = [new ConversationPane("m", [turn])] } };
        string? first = null;
        for (int i = 0; i <= ConversationAdministration.Most; i++)
        {
            AdministrationResult<ConversationView> kept = await all.CreateAsync(change with { Name = $"c{i}" }, ada, Cancel);
            ConversationTurn keptTurn = kept.Value!.Content.Panes[0].Turns[0];
            (keptTurn.Images.Single(), keptTurn.ImagesLeftOut).ShouldBe((small, 1));
            first ??= kept.Value.Id;
        }
        IReadOnlyList<ConversationHead> heads = await all.ListAsync(ada, Cancel);
        heads.Count.ShouldBe(ConversationAdministration.Most);
        // Two may be of one millisecond.
        heads.TakeWhile(h => h.UpdatedAt == heads[0].UpdatedAt).ShouldContain(h => h.Name == $"c{ConversationAdministration.Most}");
        heads.ShouldNotContain(h => h.Id == first);
    }
}
