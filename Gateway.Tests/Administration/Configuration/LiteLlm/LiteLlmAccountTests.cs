using Gateway.Web.Administration.Configuration.LiteLlm;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Configuration.LiteLlm;

/// <summary>What a deployment says of whom to call, where, and with what.</summary>
public class LiteLlmAccountTests
{
    [Theory]
    [InlineData("azure/chat", "", "azure-openai", "chat", "")]
    [InlineData("azure/responses/o3", "", "azure-openai", "o3", "wires=responses")]
    [InlineData("azure/o_series/reasoner", "", "azure-openai", "reasoner", "")]
    [InlineData("openai/responses/gpt-5", "", "openai", "gpt-5", "wires=responses")]
    [InlineData("openai/org/model", "api_base: 'http://localhost:8000/v1'", "openai-compatible", "org/model", "")]
    [InlineData("org/model", "custom_llm_provider: openai, api_base: 'http://localhost:8000/v1'", "openai-compatible", "org/model", "")]
    [InlineData("bedrock/eu-west-1/anthropic.claude-haiku-4-5", "", "bedrock", "anthropic.claude-haiku-4-5", "region=eu-west-1")]
    [InlineData("bedrock/converse/us.amazon.nova-lite-v1:0", "aws_region_name: us-west-2", "bedrock", "us.amazon.nova-lite-v1:0", "region=us-west-2")]
    [InlineData("bedrock/arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/abc", "", "bedrock", "arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/abc", "region=eu-west-3")]
    [InlineData("bedrock/llama/arn:aws:bedrock:us-east-1:123456789012:imported-model/abc", "", "bedrock", "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc", "region=us-east-1")]
    [InlineData("bedrock/amazon.nova-pro-v1:0", "aws_region_name: us-east-1, model_id: 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc'", "bedrock", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "region=us-east-1")]
    [InlineData("vertex_ai/gemini-2.5-pro", "vertex_project: p, vertex_location: global", "vertex", "gemini-2.5-pro", "project=p")]
    [InlineData("vertex_ai/gemini/1234567890", "vertex_project: p, vertex_location: us-central1", "vertex", "endpoints/1234567890", "project=p")]
    [InlineData("azure_ai/claude-sonnet-4-5", "api_base: 'https://r.services.ai.azure.com/anthropic'", "anthropic", "claude-sonnet-4-5", "")]
    [InlineData("volcengine/ep-1", "", "openai-compatible", "ep-1", "")]
    public void Read_AModel_BecomesWhatItsVendorKnows(string model, string parameters, string kind, string upstream, string setting)
    {
        var read = LiteLlmCase.Of(model, parameters);

        ((string)read.Provider["kind"]!, (string)read.Backend["upstream_model"]!).ShouldBe((kind, upstream));
        if (setting.Split('=') is [var name, var value])
        {
            read.Setting(name).ShouldBe(value);
        }
    }

    [Theory]
    [InlineData("vertex_ai/claude-sonnet-4-5", "only Google's own models")]
    [InlineData("vertex_ai/meta/llama-4-scout", "only Google's own models")]
    [InlineData("bedrock/agent/ABC/DEF", "agents are not called")]
    [InlineData("sagemaker/endpoint", "no provider of the kind \"sagemaker\"")]
    [InlineData("mixtral", "does not say whose model it is")]
    [InlineData("*", "name the models that are used")]
    [InlineData("os.environ/CHAT_MODEL", "in the variable CHAT_MODEL")]
    public void Read_AModelThatNothingCalls_IsLeftOutAndSaysWhy(string model, string reason)
    {
        var read = LiteLlmCase.Of(model);

        read.Tree["models"]!.AsArray().ShouldBeEmpty();
        read.Tree["providers"]!.AsArray().ShouldBeEmpty();
        (read.Parameter("model").Verdict, read.Parameter("model").Note.Contains(reason, StringComparison.Ordinal)).ShouldBe(("unsupported", true), read.Parameter("model").Note);
    }

    [Theory]
    [InlineData("anthropic/claude-haiku-4-5", "https://api.example.com/anthropic", "https://api.example.com/anthropic/v1", "approximated")]
    [InlineData("anthropic/claude-haiku-4-5", "https://api.example.com/v1/messages", "https://api.example.com", "approximated")]
    [InlineData("anthropic/claude-haiku-4-5", "https://api.example.com", "https://api.example.com", "mapped")]
    [InlineData("azure/chat", "https://r.openai.azure.com/openai/deployments/chat/chat/completions?api-version=2024-10-21", "https://r.openai.azure.com/openai", "approximated")]
    [InlineData("azure/chat", "https://r.openai.azure.com/", "https://r.openai.azure.com/", "mapped")]
    [InlineData("azure_ai/mistral-large", "https://r.services.ai.azure.com", "https://r.services.ai.azure.com/openai/v1", "approximated")]
    [InlineData("openai/m", "http://localhost:8000/v1/chat/completions", "http://localhost:8000/v1", "approximated")]
    [InlineData("openai/m", "http://localhost:8000", "http://localhost:8000", "approximated")]
    [InlineData("openai/m", "http://name:word@localhost:8000/v1", "http://localhost:8000/v1", "approximated")]
    [InlineData("ollama/m", "http://localhost:11434", "http://localhost:11434", "mapped")]
    public void Read_AnAddress_IsWrittenAsABaseUrl(string model, string given, string url, string verdict)
    {
        var read = LiteLlmCase.Of(model, $"api_base: '{given}'");

        ((string)read.Provider["base_url"]!, read.Parameter("api_base").Verdict).ShouldBe((url, verdict));
        read.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("azure/chat", "api_base: os.environ/CHAT_BASE", "azure-openai", "CHAT_BASE")]
    [InlineData("azure/chat", "", "azure-openai", "AZURE_API_BASE")]
    [InlineData("openai/m", "api_base: os.environ/CHAT_BASE", "openai-compatible", "CHAT_BASE")]
    [InlineData("hosted_vllm/m", "api_base: '${CHAT_BASE}'", "openai-compatible", "CHAT_BASE")]
    [InlineData("hosted_vllm/m", "", "openai-compatible", "HOSTED_VLLM_API_BASE")]
    [InlineData("anthropic/m", "api_base: '${CHAT_BASE:-https://api.example.com}'", "anthropic", "CHAT_BASE")]
    public void Read_AnAddressFromTheEnvironment_IsNeverTheVendorsOwn(string model, string parameters, string kind, string variable)
    {
        var open = LiteLlmCase.Of(model, parameters);
        ((string)open.Provider["kind"]!, (string)open.Provider["base_url"]!).ShouldBe((kind, $"${{{variable}}}"));
        open.Problems.ShouldHaveSingleItem().Path.ShouldBe("providers[0].base_url");
        open.Parameter(parameters.Length == 0 ? "model" : "api_base").Note.ShouldContain($"${{{variable}}}");

        var known = LiteLlmCase.Of(model, parameters, (variable, "https://chat.example.com/v1"));
        ((string)known.Provider["kind"]!, (string)known.Provider["base_url"]!).ShouldBe((kind, "https://chat.example.com/v1"));
        known.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Read_VariablesThatTheFileSets_ArePutInUnlessTheyAreSecrets()
    {
        var read = new LiteLlmCase("""
            model_list:
              - model_name: m
                litellm_params: {model: azure/m, api_base: os.environ/BASE, api_version: os.environ/VERSION, api_key: os.environ/KEY}
            environment_variables: {BASE: "https://r.openai.azure.com", VERSION: "2024-10-21", KEY: of-the-file}
            """);

        ((string)read.Provider["base_url"]!, read.Setting("api_version"), (string)read.Provider["credentials"]![0]!["secret"]!).ShouldBe(("https://r.openai.azure.com", "2024-10-21", "${KEY}"));
        read.Line("environment_variables.BASE").Verdict.ShouldBe("mapped");
        read.Line("environment_variables.KEY").Verdict.ShouldBe("unsupported");
    }

    [Fact]
    public void Read_CredentialList_StandsAtTheDeploymentsThatNameIt()
    {
        var read = new LiteLlmCase("""
            model_list:
              - model_name: m
                litellm_params: {model: azure/m, litellm_credential_name: eu}
              - model_name: n
                litellm_params: {model: openai/n, litellm_credential_name: in-the-database}
            credential_list:
              - credential_name: eu
                credential_values: {api_key: os.environ/EU_KEY, api_base: "https://eu.openai.azure.com", api_version: "2024-10-21"}
                credential_info: {description: For Europe}
              - credential_name: spare
                credential_values: {api_key: os.environ/SPARE_KEY}
            """);

        var azure = read.Tree["providers"]![0]!;
        ((string)azure["base_url"]!, (string)azure["credentials"]![0]!["secret"]!, (string)azure["settings"]!["api_version"]!).ShouldBe(("https://eu.openai.azure.com", "${EU_KEY}", "2024-10-21"));
        read.Line("credential_list[0].credential_values.api_key").Verdict.ShouldBe("approximated");
        read.Line("credential_list[1].credential_values.api_key").Verdict.ShouldBe("unsupported");
        read.Line("model_list[1].litellm_params.litellm_credential_name").Verdict.ShouldBe("unsupported");
    }

    [Fact]
    public void Read_BedrockKeysFromVariables_AreAskedForTogether()
    {
        var read = LiteLlmCase.Of("bedrock/amazon.nova-lite-v1:0", "aws_region_name: os.environ/REGION, aws_access_key_id: os.environ/ID, aws_secret_access_key: os.environ/SECRET, aws_role_name: r");

        (read.Setting("region"), read.Setting("access_key_id"), (string)read.Provider["credentials"]![0]!["secret"]!).ShouldBe(("${REGION}", null, "${SECRET}"));
        read.Parameter("aws_access_key_id").Note.ShouldContain("access key id:secret access key");
        read.Parameter("aws_secret_access_key").Verdict.ShouldBe("approximated");
        read.Parameter("aws_role_name").Note.ShouldContain("roles");
        read.Problems.ShouldHaveSingleItem().Path.ShouldBe("providers[0].settings.region");
    }

    [Fact]
    public void Read_WhatLiteLlmTakesFromItsEnvironment_IsSaidAtTheModel()
    {
        LiteLlmCase.Of("bedrock/amazon.nova-lite-v1:0").Parameter("model").Note.ShouldContain("${AWS_REGION_NAME}");
        LiteLlmCase.Of("vertex_ai/gemini-2.5-pro").Problems.Select(p => p.Path).ShouldBe(["providers[0].settings.project", "providers[0].settings.location"]);
        LiteLlmCase.Of("vertex_ai/gemini-2.5-pro", "vertex_project: p, vertex_location: l").Parameter("model").Note.ShouldContain("application default credentials");
        LiteLlmCase.Of("vertex_ai/gemini-2.5-pro", "vertex_project: p, vertex_location: l, vertex_credentials: /etc/google.json").Setting("credentials_file").ShouldBe("/etc/google.json");
    }

    [Fact]
    public void Read_EntraFromVariables_IsNotTakenForAnApiKey()
    {
        var read = LiteLlmCase.Of("azure/m", "api_base: 'https://r.openai.azure.com', tenant_id: os.environ/TENANT, client_id: os.environ/CLIENT, client_secret: os.environ/SECRET");

        (read.Setting("tenant_id"), read.Setting("client_id")).ShouldBe(("${TENANT}", "${CLIENT}"));
        read.Problems.Count.ShouldBe(2);
    }

    [Fact]
    public void Read_ATimeoutOfTheWhole_IsTheFirstContentsToo()
    {
        LiteLlmCase.Of("gpt-4o", "timeout: 300").Setting("first_byte_timeout_ms").ShouldBe("300000");
        LiteLlmCase.Of("gpt-4o", "timeout: 300, stream_timeout: 20").Setting("first_byte_timeout_ms").ShouldBe("20000");
    }

    [Fact]
    public void Environment_Lines_AreReadAsAnEnvFileHasThem() =>
        LiteLlmEnvironment.Read("# of the proxy\nexport BASE=\"https://a.example.com/v1?x=1\"\r\nREGION = eu-west-1\n\nnothing\n=none")
            .ShouldBe(new Dictionary<string, string> { ["BASE"] = "https://a.example.com/v1?x=1", ["REGION"] = "eu-west-1" });
}
