using Gateway.Web.Configuration;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class GatewayConfigurationTests
{
    // The gateway once started with such a key, and answered 500 when the first credential was to be kept.
    [Theory]
    [InlineData("MasterKey", "too-short", "fewer than 16")]
    [InlineData("MasterKeyFile", "/nowhere/master.key", "/nowhere/master.key")]
    public void MasterKey_ThatCannotBeUsed_KeepsTheGatewayFromStarting(string name, string value, string told)
    {
        using var test = new TestConfiguration();
        test.Json($$"""{ "Gateway:Security:{{name}}": "{{value}}" }""");

        string error = test.ReadErrors().ShouldHaveSingleItem();

        error.ShouldContain(told);
        error.ShouldNotContain("too-short");
    }

    [Fact]
    public void Endpoint_WithTls_IsRefusedWithASentence()
    {
        using var test = new TestConfiguration();
        test.Json("""{"Kestrel":{"Endpoints":{"plain":{"Url":"http://127.0.0.1:1"},"own":{"Url":"HTTPS://127.0.0.1:2"}}}}""");

        test.ReadErrors().ShouldHaveSingleItem().ShouldStartWith("Kestrel:Endpoints:own:Url is \"HTTPS://127.0.0.1:2\"; it must be http://");
    }

    [Fact]
    public void Read_Nothing_GivesTheDocumentedDefaults()
    {
        using var test = new TestConfiguration();
        GatewaySettings settings = test.Read().Settings;
        test.Host.Configuration.Sources.OfType<Microsoft.Extensions.Configuration.Json.JsonConfigurationSource>().ShouldAllBe(s => !s.Path!.StartsWith("appsettings."));
        settings.Port.ShouldBe(8080);
        settings.Role.ShouldBe("all");
        settings.DataDirectory.ShouldBe(Path.Combine(test.Directory, "data"));
        settings.ShutdownGracePeriod.ShouldBe(TimeSpan.FromSeconds(30));
        settings.Options.DefaultRpm.ShouldBe(60);
        settings.Options.DefaultTpm.ShouldBe(100_000);
        settings.Options.TotalTimeout.ShouldBe(TimeSpan.FromMinutes(10));
        settings.Options.AuthDisabled.ShouldBeFalse();
        settings.Options.AllowedNetworks.ShouldBeEmpty();
        settings.Options.DefaultProvider.ShouldBeNull();
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"Gateway":{"Upstreams":{"FirstByteTimeout":"60s"}}}""", true)]
    public void Read_FirstByteTimeout_IsForWholeAnswersOnlyWhereItIsSet(string json, bool set)
    {
        using var test = new TestConfiguration();
        test.Json(json).Read().Settings.Options.FirstByteIsSet.ShouldBe(set);
    }

    [Fact]
    public void Unknown_NamesThatNothingReads_AreListedAndNoOthers()
    {
        using var test = new TestConfiguration();
        test.Environment["PORT"] = "1003";
        string file = Path.Combine(test.Directory, "key");
        File.WriteAllText(file, "key");
        test.Json("""
            {"Gateway":{"Port":1001,"Limits":{"MaxRequestBodyBites":1},"Upstreams":{"AllowedNetworks":["10.0.0.0/8"]},"SignIn":{"Providers":[{"Name":"x"}]}},
             "Redis":{"Adress":"x"},"Logging":{"Other":1}}
            """).Read("--Gateway:AdminKey_FILE=" + file, "--Gateway:Lmits=1");

        KnownSettings.Unknown(test.Host.Configuration).ShouldBe(["Gateway:Limits:MaxRequestBodyBites", "Gateway:Lmits", "Redis:Adress"]);
    }

    [Fact]
    public void Read_EveryLayerSetsThePort_TheLaterWins()
    {
        using var test = new TestConfiguration();
        test.Json("""{"Gateway":{"Port":1001}}""").Read().Settings.Port.ShouldBe(1001);
        test.Yaml("gateway:\n  port: 1002\n").Read().Settings.Port.ShouldBe(1002);
        test.Environment["PORT"] = "1003";
        test.Read().Settings.Port.ShouldBe(1003);
        test.Read("--Gateway:Port=1004").Settings.Port.ShouldBe(1004);
    }

    [Fact]
    public void OriginOf_EveryLayer_NamesWhatSetsTheValue()
    {
        using var test = new TestConfiguration { EnvironmentName = "Staging" };
        Origin("Gateway:Port").ShouldBe(SettingOrigin.None);
        test.Json("""{"Gateway":{"Port":1001,"AllowedModels":["a","b"]}}""");
        Origin("Gateway:Port").ShouldBe(new SettingOrigin("1001", SettingSource.Json, "appsettings.json"));
        Origin("Gateway:AllowedModels").ShouldBe(new SettingOrigin("a, b", SettingSource.Json, "appsettings.json"));
        File.WriteAllText(Path.Combine(test.Directory, "appsettings.Staging.json"), """{"Gateway":{"Port":1005}}""");
        Origin("Gateway:Port").ShouldBe(new SettingOrigin("1005", SettingSource.Json, "appsettings.Staging.json"));
        test.Yaml("gateway:\n  port: 1002\n");
        Origin("Gateway:Port").ShouldBe(new SettingOrigin("1002", SettingSource.Yaml, test.YamlFile));
        test.Environment["OMNI_PORT"] = "1003";
        Origin("Gateway:Port").ShouldBe(new SettingOrigin("1003", SettingSource.Environment, "OMNI_PORT"));
        test.Environment["DEBUG"] = "1";
        Origin("Gateway:Telemetry:LogLevel").ShouldBe(new SettingOrigin("debug", SettingSource.Environment, "DEBUG"));
        test.Read("--Gateway:Port=1004");
        test.Configuration.OriginOf(KnownSettings.Find("Gateway:Port")!).ShouldBe(new SettingOrigin("1004", SettingSource.Host, "the command line"));

        SettingOrigin Origin(string key)
        {
            test.Read();
            return test.Configuration.OriginOf(KnownSettings.Find(key)!);
        }
    }

    [Fact]
    public void Grouped_HoldsEverySettingOnce() =>
        KnownSettings.Grouped.SelectMany(g => g.Settings).ShouldBe(KnownSettings.All);

    [Fact]
    public void Read_EnvironmentFile_OverridesTheCommonOne()
    {
        using var test = new TestConfiguration { EnvironmentName = "Staging" };
        File.WriteAllText(Path.Combine(test.Directory, "appsettings.Staging.json"), """{"Gateway":{"Port":1005}}""");
        test.Json("""{"Gateway":{"Port":1001,"Host":"127.0.0.1"}}""").Read().Settings.Port.ShouldBe(1005);
        test.Host.Configuration["Gateway:Host"].ShouldBe("127.0.0.1");
    }

    [Fact]
    public void Read_ConfigFileSetting_NamesTheYamlFile()
    {
        using var test = new TestConfiguration();
        string other = Path.Combine(test.Directory, "other.yaml");
        File.WriteAllText(other, "gateway: {port: 1006}");
        test.Json($$"""{"Gateway": {"ConfigFile": "{{other}}" } }""").Read().Settings.Port.ShouldBe(1006);
    }

    [Fact]
    public void Read_ShortNamesOfTheFiveGateways_AreHonoured()
    {
        using var test = new TestConfiguration();
        (string, string)[] variables =
        [
            ("OMNI_PORT", "1007"), ("HOST", "0.0.0.0"), ("OMNI_LOG_LEVEL", "warn"), ("LOG_FORMAT", "text"), ("ADMIN_API_KEY", "adm"),
            ("DATABASE_URL", "sqlite:x.db"), ("REDIS_URL", "redis://localhost:6379/0"), ("REQUEST_TIMEOUT", "60"),
            ("UPSTREAM_MAX_RETRIES", "2"), ("UPSTREAM_RETRY_BACKOFF", "0.5"), ("ALLOW_MODELS", "a, b"),
        ];
        foreach ((string name, string value) in variables)
        {
            test.Environment[name] = value;
        }
        GatewaySettings settings = test.Read().Settings;
        settings.Port.ShouldBe(1007);
        settings.Host.ShouldBe("0.0.0.0");
        settings.LogLevel.ShouldBe(LogLevel.Warning);
        settings.JsonLog.ShouldBeFalse();
        settings.Database.ConnectionString.ShouldContain("x.db");
        settings.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(60));
        settings.Options.MaxRetries.ShouldBe(2);
        settings.Options.RetryBackoff.ShouldBe(TimeSpan.FromMilliseconds(500));
        settings.Options.AllowedModels.ShouldBe(["a", "b"]);
        test.Host.Configuration["Gateway:AdminKey"].ShouldBe("adm");
        test.Host.Configuration["Redis:Url"].ShouldBe("redis://localhost:6379/0");
    }

    [Fact]
    public void Read_DebugVariable_IsTheDebugLevelUnlessOneIsSet()
    {
        using var test = new TestConfiguration();
        test.Environment["DEBUG"] = "true";
        test.Read().Settings.LogLevel.ShouldBe(LogLevel.Debug);
        test.Environment["LOG_LEVEL"] = "ERROR";
        test.Read().Settings.LogLevel.ShouldBe(LogLevel.Error);
    }

    [Fact]
    public void Read_GoGatewaysReferenceFile_IsAccepted()
    {
        using var test = new TestConfiguration();
        test.Environment["ADMIN_API_KEY"] = "adm";
        test.Environment["DATABASE_URL"] = "sqlite:from-variable.db";
        test.Yaml("""
            server:
              port: 8081
              read_timeout: 31s
              write_timeout: 300s
              idle_timeout: 121s
            database:
              url: "${DATABASE_URL}"
              max_open_conns: 25
              max_idle_conns: 10
            redis:
              url: "${REDIS_URL}"
            auth:
              admin_key: "${ADMIN_API_KEY}"
            rate_limits:
              default_rpm: 61
              default_tpm: 100001
            health_check:
              interval: 10s
              timeout: 5s
              healthy_threshold: 3
              unhealthy_threshold: 1
            registry:
              cache_refresh_interval: 30s
            logging:
              level: debug
              format: json
            """);
        GatewaySettings settings = test.Read().Settings;
        settings.Port.ShouldBe(8081);
        settings.ReadTimeout.ShouldBe(TimeSpan.FromSeconds(31));
        settings.KeepAliveTimeout.ShouldBe(TimeSpan.FromSeconds(121));
        settings.Options.TotalTimeout.ShouldBe(TimeSpan.FromMinutes(5));
        settings.Options.DefaultRpm.ShouldBe(61);
        settings.Options.DefaultTpm.ShouldBe(100_001);
        settings.LogLevel.ShouldBe(LogLevel.Debug);
        settings.Database.ConnectionString.ShouldContain("from-variable.db");
        test.Host.Configuration["Redis:Url"].ShouldBeNull("an empty variable sets nothing");
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("\"Requests\":\"off\",\"Answers\":\"off\",\"BannedWords\":[\"x\"]", null, null)]
    [InlineData("\"BannedWords\":[\"Bad word\",\"x\"]", true, true)]
    [InlineData("\"Answers\":\"off\",\"BannedWords\":\"y, bad word\"", true, null)]
    [InlineData("\"Requests\":\"off\",\"BannedWords\":\"bad word\"", null, true)]
    public void Read_Guardrails_AreOnOnlyWhereThereAreWords(string json, bool? requests, bool? answers)
    {
        using var test = new TestConfiguration();
        test.Json("{\"Gateway\":{\"Guardrails\":{" + json + "}}}");

        Gateway.Core.Guardrails.GuardrailSettings? settings = test.Read().Settings.Options.Guardrails;

        (settings?.Requests?.AreIn("a bad word")).ShouldBe(requests);
        (settings?.Answers?.AreIn("a bad word")).ShouldBe(answers);
    }

    [Fact]
    public void Read_TooManyOrTooLongWords_IsRefused()
    {
        using var test = new TestConfiguration();
        test.Json("{\"Gateway\":{\"Guardrails\":{\"BannedWords\":\"" + string.Join(',', Enumerable.Range(0, 1001)) + "\"}}}");
        test.ReadErrors().ShouldHaveSingleItem().ShouldStartWith("Gateway:Guardrails:BannedWords must hold at most 1000");
        test.Json("{\"Gateway\":{\"Guardrails\":{\"BannedWords\":[\"" + new string('x', 201) + "\"]}}}");
        test.ReadErrors().ShouldHaveSingleItem().ShouldContain("200 characters");
    }

    [Fact]
    public void Read_SeveralThingsWrong_NamesEachSettingAtOnce()
    {
        using var test = new TestConfiguration();
        test.Environment["PORT"] = "eighty";
        test.Environment["REQUEST_TIMEOUT"] = "soon";
        test.Json("""{"Gateway":{"Role":"king","Upstreams":{"AllowedNetworks":["10.0.0.0/33"]}},"Database":{"Provider":"postgres"}}""");
        IReadOnlyList<string> errors = test.ReadErrors();
        errors.Count.ShouldBe(5, string.Join("\n", errors));
        errors.ShouldContain(e => e.StartsWith("Gateway:Port or PORT or OMNI_PORT is \"eighty\"; it must be a whole number"));
        errors.ShouldContain(e => e.Contains("REQUEST_TIMEOUT is \"soon\"; it must be a duration"));
        errors.ShouldContain(e => e.StartsWith("Gateway:Role is \"king\"; it must be one of all, gateway, console."));
        errors.ShouldContain(e => e.StartsWith("Gateway:Upstreams:AllowedNetworks"));
        errors.ShouldContain(e => e.StartsWith("ConnectionStrings:Gateway"));
    }

    [Fact]
    public void Check_BrokenJson_SaysWhereAndKeepsTheOld()
    {
        using var test = new TestConfiguration();
        test.Json("""{"Gateway":{"Port":1001}}""").Read();
        test.Json("{\n  \"Gateway\": {\n    oops\n");
        test.Configuration.Check().Errors.ShouldHaveSingleItem().ShouldContain("LineNumber: 2");
        test.Host.Configuration["Gateway:Port"].ShouldBe("1001");
    }

    [Fact]
    public void Read_YamlWithUnknownNames_TellsTheLineOfEach()
    {
        using var test = new TestConfiguration();
        test.Yaml("""
            gateway:
              limits:
                assumed_output_token: 5
            providers:
              - name: p
                base_url: https://example.com/v1
                secrt: geheim
            models:
              - nme: m
            routes: 5
            """);
        IReadOnlyList<string> errors = test.ReadErrors();
        errors.ShouldContain("gateway.yaml(3): gateway.limits.assumed_output_token: There is no such setting.");
        errors.ShouldContain("gateway.yaml(7): providers[0].secrt: There is no such property.");
        errors.ShouldContain("gateway.yaml(9): models[0].name: It is needed.");
        errors.ShouldContain("gateway.yaml(9): models[0].nme: There is no such property.");
        errors.ShouldContain("gateway.yaml(10): routes: A list is expected here.");
        string.Join("", errors).ShouldNotContain("geheim");
    }

    [Fact]
    public void Read_MissingYamlFile_IsAnError()
    {
        using var test = new TestConfiguration();
        test.Json("""{"Gateway":{"ConfigFile":"/nowhere/gateway.yaml"}}""");
        test.ReadErrors().ShouldHaveSingleItem().ShouldContain("/nowhere/gateway.yaml");
    }

    [Fact]
    public void Read_Development_AllowsLoopbackUpstreams()
    {
        using var test = new TestConfiguration { EnvironmentName = "Development" };
        test.Read().Settings.Options.AllowedNetworks.ShouldContain(n => n.Contains(System.Net.IPAddress.Loopback));
        test.Read().Settings.ShutdownDelay.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Read_ListOfEntries_TakesThePlaceOfItsDefault()
    {
        using var test = new TestConfiguration { EnvironmentName = "Development" };
        test.Json("""{"Gateway":{"Upstreams":{"AllowedNetworks":["10.0.0.0/8"]}}}""");
        test.Read().Settings.Options.AllowedNetworks.ShouldHaveSingleItem().ToString().ShouldBe("10.0.0.0/8");
    }
}
