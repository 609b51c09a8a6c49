using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Configuration.LiteLlm;

/// <summary>What a LiteLLM file says beside accounts: names, prices, defaults, fallbacks, budgets, and what there is no place for.</summary>
public class LiteLlmSettingsTests
{
    [Theory]
    [InlineData("*", "openai/*", "approximated", "Gateway:DefaultProvider")]
    [InlineData("claude-*", "anthropic/claude-*", "approximated", "Gateway:DefaultProvider")]
    [InlineData("anthropic/*", "anthropic/*", "unsupported", "add the models")]
    [InlineData("house-*", "openai/gpt-*", "unsupported", "add the models")]
    public void Read_APatternOfNames_SaysWhatReachesItsModels(string name, string model, string verdict, string note)
    {
        var read = new LiteLlmCase($"model_list: [{{model_name: \"{name}\", litellm_params: {{model: \"{model}\", temperature: 0}}, model_info: {{id: x}}}}]");

        read.Tree["providers"]!.AsArray().Count.ShouldBe(1);
        read.Tree["models"]!.AsArray().ShouldBeEmpty();
        (read.Line("model_list[0].model_name").Verdict, read.Parameter("model").Verdict, read.Parameter("temperature").Verdict).ShouldBe((verdict, verdict, "unsupported"));
        read.Parameter("model").Note.ShouldContain(note);
    }

    [Fact]
    public void Read_PricesOfModelInfo_CountWhereTheParametersHaveNone()
    {
        var read = new LiteLlmCase("""
            model_list:
              - model_name: m
                litellm_params: {model: openai/m, input_cost_per_token: 0.000001}
                model_info: {input_cost_per_token: 0.000002, output_cost_per_token: 0.000004, input_cost_per_image: 0.04, access_groups: [beta]}
            """);

        JsonNode price = read.Tree["prices"]!.AsArray().ShouldHaveSingleItem()!;
        ((decimal)price["input_per_million"]!, (decimal)price["output_per_million"]!).ShouldBe((1m, 4m));
        read.Line("model_list[0].model_info.input_cost_per_token").Verdict.ShouldBe("approximated");
        read.Line("model_list[0].model_info.output_cost_per_token").Verdict.ShouldBe("mapped");
        read.Line("model_list[0].model_info.input_cost_per_image").Note.ShouldContain("for tokens");
        read.Line("model_list[0].model_info.access_groups[0]").Note.ShouldContain("allowed_models");
    }

    [Fact]
    public void Read_ExtraBody_BecomesDefaultsOfServersThatTakeIt()
    {
        var vllm = LiteLlmCase.Of("hosted_vllm/m", "api_base: 'http://localhost:8000/v1', top_k: 20, extra_body: {chat_template_kwargs: {enable_thinking: false}, stream: true}");
        var defaults = (JsonObject)vllm.Model("m")["default_params"]!;
        ((decimal)defaults["top_k"]!, (bool)defaults["chat_template_kwargs"]!["enable_thinking"]!, defaults.ContainsKey("stream")).ShouldBe((20, false, false));
        vllm.Parameter("extra_body.stream").Verdict.ShouldBe("unsupported");
        vllm.Problems.ShouldBeEmpty();

        LiteLlmCase.Of("anthropic/m", "extra_body: {x: 1}").Parameter("extra_body.x").Verdict.ShouldBe("unsupported");
    }

    [Fact]
    public void Read_Fallbacks_MayNameABackendOrAnAlias()
    {
        var read = new LiteLlmCase("""
            model_list:
              - {model_name: a, litellm_params: {model: openai/a}, model_info: {id: a-1}}
              - {model_name: b, litellm_params: {model: openai/b}, model_info: {id: b-1}}
            router_settings: {model_group_alias: {other: b}}
            litellm_settings: {fallbacks: [{a: [a, b-1, other, gone]}]}
            """);

        read.Tree["routes"]![0]!["steps"]!.AsArray().Select(s => (string?)s!["model"] ?? (string?)s["backend"]).ShouldBe(["a", "b-1", "b"]);
        read.Problems.ShouldBeEmpty();
        read.Line("litellm_settings.fallbacks[0].a[0]").Verdict.ShouldBe("approximated");
        read.Line("litellm_settings.fallbacks[0].a[1]").Verdict.ShouldBe("mapped");
        read.Line("litellm_settings.fallbacks[0].a[3]").Verdict.ShouldBe("unsupported");
    }

    [Fact]
    public void Read_BudgetsOfVendors_AreThoseOfTheirProvider()
    {
        var read = new LiteLlmCase("""
            model_list:
              - {model_name: a, litellm_params: {model: openai/a}}
              - {model_name: b, litellm_params: {model: anthropic/b, api_key: os.environ/ONE}}
              - {model_name: c, litellm_params: {model: anthropic/c, api_key: os.environ/TWO}}
            router_settings:
              provider_budget_config:
                openai: {budget_limit: 50, time_period: 1d}
                anthropic: {budget_limit: 50, time_period: 30d}
                azure: {budget_limit: 50, time_period: 30d}
            litellm_settings: {max_budget: 10, budget_duration: 10d}
            """);

        JsonNode budget = read.Tree["budgets"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)budget["scope"]!, (string)budget["of"]!, (string)budget["period"]!, (decimal)budget["amount_usd"]!).ShouldBe(("provider", "openai", "day", 50m));
        read.Problems.ShouldBeEmpty();
        read.Line("router_settings.provider_budget_config.anthropic.budget_limit").Note.ShouldContain("anthropic, anthropic-2");
        read.Line("router_settings.provider_budget_config.azure.budget_limit").Verdict.ShouldBe("unsupported");
        // Ten days are neither a week nor a month.
        read.Line("litellm_settings.max_budget").Verdict.ShouldBe("unsupported");
    }

    [Fact]
    public void Read_ALimitOfEachKey_IsNotThatOfTheGateway()
    {
        var read = new LiteLlmCase("model_list: []\ngeneral_settings: {max_parallel_requests: 5}");

        read.Tree["limits"]!.AsArray().ShouldBeEmpty();
        read.Line("general_settings.max_parallel_requests").Note.ShouldContain("of the keys");
    }

    [Fact]
    public void Read_AWeightOfNothing_IsAnInactiveBackend()
    {
        var read = LiteLlmCase.Of("openai/m", "weight: 0, order: 0");

        ((bool)read.Backend["active"]!, (int)read.Backend["priority"]!, read.Parameter("weight").Verdict).ShouldBe((false, 0, "approximated"));
    }

    [Theory]
    [InlineData("litellm_settings: {fallbacks: []}", "litellm_settings.fallbacks", "mapped", "Nothing is set")]
    [InlineData("general_settings: {database_url: ''}", "general_settings.database_url", "mapped", "Nothing is set")]
    [InlineData("general_settings: {database_url: null}", "general_settings.database_url", "mapped", "Nothing is set")]
    [InlineData("general_settings: {always_include_stream_usage: true}", "general_settings.always_include_stream_usage", "unsupported", "no such setting")]
    [InlineData("general_settings: {store_prompts_in_spend_logs: true}", "general_settings.store_prompts_in_spend_logs", "unsupported", "no such setting")]
    [InlineData("general_settings: {store_model_in_db: true}", "general_settings.store_model_in_db", "unsupported", "not in the file")]
    [InlineData("include: [more.yaml]", "include[0]", "unsupported", "import each of them")]
    [InlineData("router_settings: {retry_policy: {TimeoutErrorRetries: 3}}", "router_settings.retry_policy.TimeoutErrorRetries", "unsupported", "retry_on")]
    public void Read_WhatHasNoPlace_SaysWhyAndWhatToDo(string yaml, string path, string verdict, string note)
    {
        var read = new LiteLlmCase("model_list: []\n" + yaml);

        (read.Line(path).Verdict, read.Line(path).Note.Contains(note, StringComparison.Ordinal)).ShouldBe((verdict, true), read.Line(path).Note);
    }

    [Fact]
    public void Read_MarksForAPromptCache_AreNotTakenForACacheOfAnswers() =>
        LiteLlmCase.Of("anthropic/m", "cache_control_injection_points: [{location: message}]").Parameter("cache_control_injection_points[0].location").Note.ShouldContain("prompt cache");
}
