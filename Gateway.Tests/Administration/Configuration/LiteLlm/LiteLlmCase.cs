using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Administration.Configuration.LiteLlm;
using Shouldly;

namespace Gateway.Tests.Administration.Configuration.LiteLlm;

/// <summary>A LiteLLM file and what it comes to.</summary>
internal sealed class LiteLlmCase
{
    private readonly LiteLlmReading _reading;

    public LiteLlmCase(string yaml, params (string Name, string Value)[] variables)
    {
        _reading = LiteLlmImport.Read(yaml, variables.ToDictionary(v => v.Name, v => v.Value));
        _reading.Errors.ShouldBeEmpty();
    }

    /// <summary>One deployment, given by the parameters beside its model.</summary>
    public static LiteLlmCase Of(string model, string parameters = "", params (string Name, string Value)[] variables) =>
        new($"model_list: [{{model_name: m, litellm_params: {{model: \"{model}\"{(parameters.Length == 0 ? "" : ", " + parameters)}}}}}]", variables);

    public JsonObject Tree => _reading.Tree;

    /// <summary>The only provider.</summary>
    public JsonObject Provider => (JsonObject)Tree["providers"]!.AsArray().ShouldHaveSingleItem()!;

    /// <summary>The only backend of the only model.</summary>
    public JsonObject Backend => (JsonObject)Tree["models"]!.AsArray().ShouldHaveSingleItem()!["backends"]!.AsArray().ShouldHaveSingleItem()!;

    /// <summary>What is wrong with the draft that it becomes.</summary>
    public IReadOnlyList<DraftProblem> Problems =>
        new DraftReader(new CatalogRows(), new CatalogDefinition(), DateTimeOffset.UnixEpoch).Read(ConfigYaml.Write(Tree, [])).Problems;

    public JsonObject Model(string name) => Tree["models"]!.AsArray().OfType<JsonObject>().Single(m => (string)m["name"]! == name);

    public string? Setting(string name) => (string?)Provider["settings"]?[name];

    public ImportLine Line(string path) => _reading.Report.Single(l => l.Path == path);

    /// <summary>The line of a parameter of the first deployment.</summary>
    public ImportLine Parameter(string name) => Line("model_list[0].litellm_params." + name);
}
