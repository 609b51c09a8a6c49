using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Catalog;
using Gateway.Core.Relay;
using Gateway.Core.Routing;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

public class RequestSplicerTests
{
    private static readonly string[] Extensions = ["omni_route", "omni_provider", "omni_metadata", "summary_model"];

    [Fact]
    public void Splice_AnyOrderOfMembers_OnlyModelAndExtensionsChange()
    {
        // Members in any order, with any white space, extensions anywhere: first, last, in a row, alone.
        string[] members =
        [
            "\"model\" : \"alias\"", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]", "\"temperature\":0.25", "\"unknown\":{\"a\":[1,{\"b\":null}]}",
            "\"omni_route\":\"r\"", "\"omni_provider\" :\"p\"", "\"omni_metadata\":{\"k\":\"v,}\"}", "\"summary_model\":\"s\"", "\"\\u006frder\":\"\\\"\"",
        ];
        Gen<string> bodies =
            from order in Gen.Shuffle(members)
            from kept in Gen.ListOf(Gen.Elements(true, false), members.Length)
            from space in Gen.Elements("", " ", "\n\t")
            let chosen = order.Where((m, i) => kept[i] || m.Contains("model\" ", StringComparison.Ordinal) || m.Contains("messages", StringComparison.Ordinal))
            select "{" + space + string.Join(space + "," + space, chosen) + space + "}";

        Check.QuickThrowOnFailure(Prop.ForAll(bodies.ToArbitrary(), body =>
        {
            JsonObject expected = JsonNode.Parse(body)!.AsObject();
            foreach (string extension in Extensions)
            {
                expected.Remove(extension);
            }
            expected["model"] = "upstream";
            JsonNode.DeepEquals(JsonNode.Parse(Splice(body)), expected).ShouldBeTrue(body);
        }));
    }

    [Theory]
    [InlineData("", "{\"include_usage\":true}")]
    [InlineData(",\"stream_options\":null", "{\"include_usage\":true}")]
    [InlineData(",\"stream_options\":{ }", "{\"include_usage\":true}")]
    [InlineData(",\"stream_options\":{\"include_usage\":false}", "{\"include_usage\":true}")]
    [InlineData(",\"stream_options\":{\"other\":1}", "{\"include_usage\":true,\"other\":1}")]
    public void Splice_Stream_AsksForUsage(string more, string expected)
    {
        string spliced = Splice($$"""{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]{{more}}}""");

        JsonNode.DeepEquals(JsonNode.Parse(spliced)!["stream_options"], JsonNode.Parse(expected)).ShouldBeTrue(spliced);
    }

    [Fact]
    public void Splice_NothingToDo_LeavesEveryOtherByteAlone()
    {
        string body = """{  "messages" : [ {"role":"user","content":"\u00e9 é"} ], "model":"m", "seed": 1.50e2 }""";

        Splice(body).ShouldBe(body.Replace("\"m\"", "\"upstream\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Splice_DefaultParams_AreAddedOnlyWhereMissing()
    {
        Model model = ModelWith("""{"temperature":0.7,"max_tokens":99,"top_p":1}""");

        JsonNode spliced = JsonNode.Parse(Splice("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":0,"max_completion_tokens":5}""", model))!;

        spliced["temperature"]!.GetValue<double>().ShouldBe(0);
        spliced["top_p"]!.GetValue<double>().ShouldBe(1);
        spliced["max_tokens"].ShouldBeNull();
    }

    [Theory]
    [InlineData("""[{"role":"system","content":"be kind"},{"role":"user","content":"x"}]""", """[{"role":"system","content":"Say \"hi\".\n\nbe kind"},{"role":"user","content":"x"}]""")]
    [InlineData("""[{"role":"developer","content":[{"type":"text","text":"a"}]}]""", """[{"role":"developer","content":[{"type":"text","text":"Say \"hi\"."},{"type":"text","text":"a"}]}]""")]
    [InlineData("""[{"role":"user","content":"x"}]""", """[{"role":"system","content":"Say \"hi\"."},{"role":"user","content":"x"}]""")]
    public void Splice_SystemPromptPrefix_GoesFirst(string messages, string expected)
    {
        Model model = ModelWith(null, "Say \"hi\".");

        JsonNode spliced = JsonNode.Parse(Splice($$"""{"model":"m","messages":{{messages}}}""", model))!;

        JsonNode.DeepEquals(spliced["messages"], JsonNode.Parse(expected)).ShouldBeTrue(spliced.ToJsonString());
    }

    [Theory]
    [InlineData("", "{\"enable_thinking\":false}")]
    [InlineData(",\"chat_template_kwargs\":{\"enable_thinking\":true,\"x\":1}", "{\"enable_thinking\":false,\"x\":1}")]
    [InlineData(",\"chat_template_kwargs\":{\"x\":1}", "{\"enable_thinking\":false,\"x\":1}")]
    public void Splice_ReasoningOverride_WinsOverTheRequest(string more, string expected)
    {
        Model model = ModelWith(null, null, reasoning: false);

        JsonNode spliced = JsonNode.Parse(Splice($$"""{"model":"m","messages":[{"role":"user","content":"x"}]{{more}}}""", model))!;

        JsonNode.DeepEquals(spliced["chat_template_kwargs"], JsonNode.Parse(expected)).ShouldBeTrue(spliced.ToJsonString());
    }

    private static string Splice(string body, Model? model = null)
    {
        EnvelopeReader.Read(Operation.ChatCompletions, Encoding.UTF8.GetBytes(body), out RequestEnvelope envelope).ShouldBeNull();
        SplicedBody spliced = RequestSplicer.Splice(envelope, TestBackend(), model, askForUsage: true);
        byte[] bytes = spliced.ToArray();
        using var stream = new MemoryStream();
        spliced.WriteToAsync(stream, CancellationToken.None).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        stream.ToArray().ShouldBe(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static Model ModelWith(string? defaults, string? prefix = null, bool? reasoning = null)
    {
        var definition = new CatalogDefinition
        {
            Models = [new ModelDefinition { Id = "m", Name = "m", DefaultParamsJson = defaults, SystemPromptPrefix = prefix, ReasoningEnabled = reasoning }],
        };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        return snapshot!.FindModel("m")!;
    }

    private static Backend TestBackend() => new()
    {
        Id = "b",
        Provider = new Provider
        {
            Id = "p",
            Name = "p",
            Kind = ProviderKind.OpenAICompatible,
            Credentials = [],
            Settings = new Dictionary<string, string>(),
            Timeouts = new TimeoutSettings(),
            State = new ProviderState(),
            ClientVersion = "",
        },
        UpstreamModel = "upstream",
        UpstreamModelJson = "\"upstream\""u8.ToArray(),
        State = new BackendState(),
    };
}
