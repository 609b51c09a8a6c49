using System.Net;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class FileCatalogTests
{
    private const string Everything = """
        providers:
          - name: east
            kind: openai-compatible
            base_url: https://east.example.com/v1
            api_key: ${EAST_KEY}
            settings: {timeout_ms: 5000, chat_path: chat}
          - name: west
            base_url: https://west.example.com
            credentials:
              - {label: one, secret: s1, rpm_limit: 10}
              - {label: two, secret: s2}
        models:
          - name: gpt
            model_id: gpt-real
            aliases: [g, gee]
            default_params: {temperature: 0.7, stop: ["a", "1"], seed: "12", logprobs: true}
            reasoning_config: {enabled: false}
            transforms: {system_prompt_prefix: "Be kind."}
            default_route: chain
            max_output_tokens: 4096
            backends:
              - {id: e, provider: east, weight: 3}
              - {url: "https://third.example.com/v1", upstream_model: other, priority: 1, active: false}
        routes:
          - name: chain
            retry_on: [timeout, rate_limit]
            steps:
              - {backend: e, retries: 2, backoff_ms: 100, first_byte_timeout_ms: 900}
              - {provider: west, upstream_model: w}
        keys:
          - name: team
            key: ${TEAM_KEY:-sk-team-token}
            rpm_limit: 0
            allowed_models: [gpt*]
            allowed_endpoints: [chat, embeddings]
            allowed_networks: [203.0.113.0/24]
            tags: [billing, eu]
            default_provider: east
            expires_at: 2030-01-01T00:00:00Z
          - name: hashed
            key_hash: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
        prices:
          - {model: gpt-real, provider: east, input_per_million: 0.15, output_per_million: "0.60", effective_from: 2026-01-01}
        """;

    [Fact]
    public void Read_EverySection_BecomesTheCatalog()
    {
        using var test = new TestConfiguration();
        test.Environment["EAST_KEY"] = "sk-east";
        var read = test.Yaml(Everything).Read();
        CatalogSnapshot.Build(read.Catalog, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();

        Provider east = snapshot!.Providers["east"];
        east.Credentials.ShouldHaveSingleItem().Secret.ShouldBe("sk-east");
        east.Timeouts.Total.ShouldBe(TimeSpan.FromSeconds(5));
        east.Settings["chat_path"].ShouldBe("chat");
        snapshot.Providers["west"].Credentials.Select(c => (c.Label, c.RpmLimit)).ShouldBe([("one", 10), ("two", null)]);

        Model model = snapshot.FindModel("gee")!;
        model.Name.ShouldBe("gpt");
        read.Catalog.Models[0].DefaultParamsJson.ShouldBe("""{"temperature":0.7,"stop":["a","1"],"seed":"12","logprobs":true}""");
        (model.ReasoningEnabled, model.SystemPromptPrefix, model.MaxOutputTokens).ShouldBe((false, "Be kind.", 4096));
        model.DefaultRoute!.Steps.Length.ShouldBe(2);
        model.Backends.ShouldHaveSingleItem().Weight.ShouldBe(3);
        model.DefaultRoute.Steps[0].Backoff.ShouldBe(TimeSpan.FromMilliseconds(100));
        model.DefaultRoute.RetryOn.ShouldBe(RetryOn.Timeout | RetryOn.TimeoutAgain | RetryOn.RateLimit);

        Authenticator.Find(snapshot, read.Settings.Options, new PresentedKey("sk-team-token"), IPAddress.Loopback, DateTimeOffset.UnixEpoch).ShouldBeNull();
        ApiKey team = Authenticator.Find(snapshot, read.Settings.Options, new PresentedKey("sk-team-token"), IPAddress.Parse("203.0.113.9"), DateTimeOffset.UnixEpoch)!;
        read.Catalog.Keys[0].Tags.ShouldBe(["billing", "eu"]);
        (team.Name, team.RpmLimit, team.DefaultProvider).ShouldBe(("team", 0, "east"));
        team.Allows(model).ShouldBeTrue();
        team.AllowedEndpoints.ShouldBe(EndpointKinds.Chat | EndpointKinds.Embeddings);
        Authenticator.Find(snapshot, read.Settings.Options, new PresentedKey("secret"), null, DateTimeOffset.UnixEpoch)!.Name.ShouldBe("hashed");
        read.Catalog.Prices.ShouldHaveSingleItem().InputPerMillion.ShouldBe(NanoUsd.FromDollars(0.15m));
        read.Catalog.Models.ShouldAllBe(m => m.Source == EntrySource.File);
        model.Created.ShouldBe(new DateTimeOffset(File.GetLastWriteTimeUtc(test.YamlFile)).ToUnixTimeSeconds());
    }

    [Fact]
    public void Read_Twice_GivesTheSameIds()
    {
        using var test = new TestConfiguration();
        test.Environment["EAST_KEY"] = "sk-east";
        test.Yaml(Everything);
        string[] Ids(CatalogDefinition c) =>
            [.. c.Providers.Select(p => p.Id), .. c.Models.Select(m => m.Id), .. c.Models.SelectMany(m => m.Backends.Select(b => b.Id)), .. c.Routes.Select(r => r.Id), .. c.Keys.Select(k => k.Id)];
        Ids(test.Read().Catalog).ShouldBe(Ids(test.Read().Catalog));
        Ids(test.Read().Catalog).ShouldBeUnique();
    }

    [Fact]
    public void Read_ReferenceToNothing_IsAnErrorOfTheCatalog()
    {
        using var test = new TestConfiguration();
        test.Yaml("models:\n  - name: m\n    backends: [{provider: nobody}]\n");
        test.ReadErrors().ShouldBe(["models[m].backends[0].provider: There is no provider named \"nobody\"."]);
    }

    [Fact]
    public void Read_KeyWithoutTextOrHash_IsAnError()
    {
        using var test = new TestConfiguration();
        test.Yaml("keys:\n  - name: k\n    key: ${NOT_SET}\n  - name: h\n    key_hash: zz\n");
        test.ReadErrors().Count.ShouldBe(2);
    }

    [Fact]
    public void Read_OmniVariables_MakeProviderTokensAndDefault()
    {
        using var test = new TestConfiguration();
        test.Environment["OMNI_OPENAI_API_KEY"] = "sk-openai";
        test.Environment["OMNI_OPENAI_BASE_URL"] = "https://eu.example.com/v1";
        test.Environment["OMNI_AUTH_TOKENS"] = "token-of-alice, token-of-bob";
        var read = test.Read();
        CatalogSnapshot.Build(read.Catalog, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        (snapshot!.Providers["openai"].Kind, snapshot.Providers["openai"].BaseUrl).ShouldBe((ProviderKind.OpenAI, new Uri("https://eu.example.com/v1/")));
        read.Settings.Options.DefaultProvider.ShouldBe("openai");
        Authenticator.Find(snapshot, read.Settings.Options, new PresentedKey("token-of-bob"), null, DateTimeOffset.UnixEpoch).ShouldNotBeNull();
        Authenticator.Find(snapshot, read.Settings.Options, new PresentedKey("token-of-carol"), null, DateTimeOffset.UnixEpoch).ShouldBeNull();
    }

    [Theory]
    [InlineData("http://localhost:8001", null, "http://localhost:8001/chat/completions")]
    [InlineData("http://localhost:8001/v1", null, "http://localhost:8001/v1/chat/completions")]
    [InlineData("https://api.example.ai/dedicated/v1", "/special/chat", "https://api.example.ai/dedicated/v1/special/chat")]
    public void Read_UpstreamVariables_PutBaseAndPathTogether(string baseUrl, string? path, string expected)
    {
        using var test = new TestConfiguration();
        test.Environment["UPSTREAM_BASE_URL"] = baseUrl;
        test.Environment["UPSTREAM_API_KEY"] = "sk-up";
        if (path is not null)
        {
            test.Environment["UPSTREAM_PATH"] = path;
        }
        var read = test.Read();
        CatalogSnapshot.Build(read.Catalog, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        Provider provider = snapshot!.Providers["upstream"];
        new Uri(provider.BaseUrl!, provider.Settings.GetValueOrDefault("chat_path", "chat/completions")).ToString().ShouldBe(expected);
        read.Settings.Options.DefaultProvider.ShouldBe("upstream");
    }
}
