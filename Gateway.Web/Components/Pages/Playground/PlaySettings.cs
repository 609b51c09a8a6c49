using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>What the playground asks with, for all models side by side; what is empty is left out of the request.</summary>
public sealed class PlaySettings
{
    public Wire Wire { get; set; } = Wire.OpenAIChat;
    public string System { get; set; } = "";
    public double? Temperature { get; set; }
    public double? TopP { get; set; }
    public int? MaxTokens { get; set; }

    /// <summary>One stop sequence a line.</summary>
    public string Stop { get; set; } = "";
    public long? Seed { get; set; }

    /// <summary>A level's name; empty for none.</summary>
    public string Effort { get; set; } = "";

    /// <summary>JSON definitions of functions.</summary>
    public string Tools { get; set; } = "";

    /// <summary>JSON schema that the answer is to have.</summary>
    public string Schema { get; set; } = "";

    /// <summary>Name of a route; empty lets the model decide.</summary>
    public string Route { get; set; } = "";
    public bool Stream { get; set; } = true;

    /// <summary>Summaries of the question and of the thoughts come before the answer.</summary>
    public bool Summarise { get; set; }

    /// <summary>The model that summarises; empty is the one that answers.</summary>
    public string SummaryModel { get; set; } = "";

    /// <summary>Everything that is wrong with what was entered; each names its field.</summary>
    public IReadOnlyList<CatalogError> Problems()
    {
        List<CatalogError> problems = [];
        if (ToolList.TryRead(Tools, out _) is { } tools)
        {
            problems.Add(new CatalogError("Tools", tools));
        }
        if (Schema.Trim().Length > 0 && JsonFields.TryParse(Schema).ValueKind != JsonValueKind.Object)
        {
            problems.Add(new CatalogError("Schema", "It must be a JSON object: the schema of the answer."));
        }
        if (Temperature is < 0 or > 2)
        {
            problems.Add(new CatalogError("Temperature", "0 to 2."));
        }
        if (TopP is < 0 or > 1)
        {
            problems.Add(new CatalogError("TopP", "0 to 1."));
        }
        if (MaxTokens < 1)
        {
            problems.Add(new CatalogError("MaxTokens", "At least 1."));
        }
        return problems;
    }

    /// <summary>The request for a conversation. Call only without <see cref="Problems"/>.</summary>
    public GenerationRequest ToRequest(string model, IReadOnlyList<Message> messages)
    {
        ToolList.TryRead(Tools, out IReadOnlyList<Gateway.Core.Generation.Tools.ToolDefinition> tools);
        return new GenerationRequest
        {
            Model = model,
            Instructions = string.IsNullOrWhiteSpace(System) ? [] : [new Gateway.Core.Generation.Parts.TextPart(System)],
            Messages = messages,
            Tools = tools,
            Output = Schema.Trim().Length == 0 ? null : new OutputFormat(OutputFormatKind.JsonSchema) { Schema = JsonFields.TryParse(Schema), Name = "answer" },
            Sampling = new Sampling
            {
                Temperature = Temperature,
                TopP = TopP,
                MaxOutputTokens = MaxTokens,
                Seed = Seed,
                Stop = [.. Stop.Split('\n').Select(s => s.TrimEnd('\r')).Where(s => s.Length > 0)],
            },
            Reasoning = ReasoningEfforts.Parse(Effort) is { } effort ? new ReasoningSettings { Effort = effort } : null,
            Stream = Stream,
        };
    }
}
