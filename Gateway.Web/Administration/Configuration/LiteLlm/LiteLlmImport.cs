using System.Text.Json.Nodes;
using Gateway.Web.Configuration;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>What a LiteLLM file comes to.</summary>
/// <param name="Tree">Lists of a configuration file of ours.</param>
/// <param name="Report">One line for each of the file's settings.</param>
/// <param name="Errors">Why it cannot be read at all.</param>
internal sealed record LiteLlmReading(JsonObject Tree, IReadOnlyList<ImportLine> Report, IReadOnlyList<DraftProblem> Errors);

/// <summary>
/// Turns the configuration of a LiteLLM proxy (<c>model_list</c>, <c>router_settings</c>, <c>litellm_settings</c>,
/// <c>general_settings</c>) into lists of ours, and tells of each of its settings what became of it. No secret of the file is
/// kept: <c>os.environ/NAME</c> becomes <c>${NAME}</c>, a written one a variable to be given.
/// </summary>
internal static class LiteLlmImport
{
    /// <param name="variables">Values of LiteLLM's environment that are no secrets, such as addresses and regions; null for none.</param>
    public static LiteLlmReading Read(string yaml, IReadOnlyDictionary<string, string>? variables = null)
    {
        if (!YamlText.TryParse(yaml, out YamlNode? document, out YamlError? error))
        {
            return Failed(error.Line, error.Message);
        }
        if (document is not YamlMappingNode map)
        {
            return Failed(1, "A LiteLLM configuration has properties such as model_list.");
        }
        var root = (JsonObject)LiteLlmYaml.ToJson(map)!;
        var report = new LiteLlmReport(root);
        var environment = new LiteLlmEnvironment(variables ?? new Dictionary<string, string>(), root["environment_variables"] as JsonObject, report);
        var settings = new LiteLlmSettings(root, report);
        var accounts = new LiteLlmAccounts(report, settings, environment);
        var models = new LiteLlmModels(report, settings, accounts, new LiteLlmDeployments(root, report, environment), new LiteLlmTargets(environment));
        models.Read(root["model_list"] as JsonArray ?? []);
        var routing = new LiteLlmRouting(report, settings, models);
        routing.Read(root);
        var budgets = new LiteLlmBudgets(report, accounts);
        budgets.Read(root);
        settings.Read();
        return new LiteLlmReading(
            new JsonObject
            {
                ["providers"] = accounts.Providers,
                ["models"] = models.Models,
                ["routes"] = routing.Routes,
                ["limits"] = settings.Limits,
                ["budgets"] = budgets.Budgets,
                ["prices"] = models.Prices,
            },
            report.Lines,
            []);
    }

    private static LiteLlmReading Failed(long line, string message) => new([], [], [new DraftProblem(line, "", message)]);
}
