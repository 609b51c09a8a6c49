using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Models;

/// <summary>A model while it is being edited.</summary>
internal sealed class ModelForm
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string Name { get; set; } = "";
    public string ModelId { get; set; } = "";
    public string Aliases { get; set; } = "";
    public string Description { get; set; } = "";
    public bool Active { get; set; } = true;
    public string DefaultParams { get; set; } = "";

    /// <summary>Empty leaves the request's own switch alone; else <c>true</c> or <c>false</c>.</summary>
    public string Reasoning { get; set; } = "";
    public string SystemPromptPrefix { get; set; } = "";
    public string OnLoss { get; set; } = LossPolicy.Warn.ToName();
    public string DefaultRoute { get; set; } = "";
    public int? MaxOutputTokens { get; set; }

    /// <summary>Empty is the default.</summary>
    public string RoutingPolicy { get; set; } = "";
    public int? MaxConcurrency { get; set; }
    public List<BackendForm> Backends { get; } = [];

    public static ModelForm From(ModelView? model)
    {
        var form = new ModelForm();
        if (model is null)
        {
            form.Backends.Add(new BackendForm());
            return form;
        }
        form.Name = model.Name;
        form.ModelId = model.ModelId ?? "";
        form.Aliases = string.Join(", ", model.Aliases);
        form.Description = model.Description ?? "";
        form.Active = model.Active;
        form.DefaultParams = model.DefaultParams is { } defaults ? JsonSerializer.Serialize(defaults, Indented) : "";
        form.Reasoning = model.ReasoningConfig?.Enabled switch { true => "true", false => "false", null => "" };
        form.SystemPromptPrefix = model.Transforms?.SystemPromptPrefix ?? "";
        form.OnLoss = model.OnLoss;
        form.DefaultRoute = model.DefaultRoute ?? "";
        form.MaxOutputTokens = model.MaxOutputTokens;
        form.RoutingPolicy = model.RoutingPolicy ?? "";
        form.MaxConcurrency = model.MaxConcurrency;
        form.Backends.AddRange(model.Backends.Select(BackendForm.From));
        return form;
    }

    /// <summary>Null when a field cannot be read; the reason is then in <paramref name="error"/>.</summary>
    public ModelChange? ToChange(out CatalogError? error)
    {
        error = null;
        JsonElement? defaults = null;
        if (!string.IsNullOrWhiteSpace(DefaultParams))
        {
            try
            {
                defaults = JsonElement.Parse(DefaultParams);
            }
            catch (JsonException e)
            {
                error = new CatalogError("default_params", $"Default parameters are a JSON object, such as {{\"temperature\": 0.7}}. {e.Message}");
                return null;
            }
        }
        return new ModelChange
        {
            Name = Name.Trim(),
            ModelId = Text(ModelId),
            Aliases = new(CommaList.Split(Aliases)),
            Description = Text(Description),
            Active = Active,
            DefaultParams = defaults,
            ReasoningConfig = Reasoning.Length == 0 ? new Optional<ReasoningConfig?>(null) : new ReasoningConfig(Reasoning == "true"),
            Transforms = string.IsNullOrEmpty(SystemPromptPrefix) ? new Optional<ModelTransforms?>(null) : new ModelTransforms(SystemPromptPrefix),
            OnLoss = OnLoss,
            DefaultRoute = Text(DefaultRoute),
            MaxOutputTokens = MaxOutputTokens,
            RoutingPolicy = Text(RoutingPolicy),
            MaxConcurrency = MaxConcurrency,
            Backends = new([.. Backends.Select(b => b.ToChange())]),
        };
    }

    /// <summary>What is different from the model as it was loaded. A list of backends is whole, and so must not have been changed by others.</summary>
    public static ModelChange Changes(ModelChange change, ModelView loaded)
    {
        change = change.Since(From(loaded).ToChange(out _));
        return change.Backends.HasValue ? change with { IfUpdatedAt = loaded.UpdatedAt } : change;
    }

    private static string? Text(string value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}

/// <summary>A backend while it is being edited.</summary>
public sealed class BackendForm
{
    /// <summary>The choice of the provider list that asks for a URL instead.</summary>
    public const string ByUrl = "";

    [JsonInclude]
    public string? Id { get; private init; }
    public string Provider { get; set; } = ByUrl;
    public string Url { get; set; } = "";
    public string UpstreamModel { get; set; } = "";
    public int Weight { get; set; } = 1;
    public int Priority { get; set; }
    public bool Active { get; set; } = true;
    public bool Draining { get; set; }

    /// <summary>Has no field of its own; kept as it is.</summary>
    [JsonInclude]
    public int? MaxConcurrency { get; private init; }

    public static BackendForm From(BackendView backend) => new()
    {
        Id = backend.Id,
        Provider = backend.Provider ?? ByUrl,
        Url = backend.Url ?? "",
        UpstreamModel = backend.UpstreamModel ?? "",
        Weight = backend.Weight,
        Priority = backend.Priority,
        Active = backend.Active,
        Draining = backend.Draining,
        MaxConcurrency = backend.MaxConcurrency,
    };

    internal BackendChange ToChange() => new()
    {
        Id = Id,
        Provider = Provider == ByUrl ? new Optional<string?>(null) : Provider,
        Url = Provider == ByUrl ? new Optional<string?>(Url.Trim()) : new Optional<string?>(null),
        UpstreamModel = string.IsNullOrWhiteSpace(UpstreamModel) ? new Optional<string?>(null) : UpstreamModel.Trim(),
        Weight = Weight,
        Priority = Priority,
        Active = Active,
        Draining = Draining,
        MaxConcurrency = MaxConcurrency,
    };
}
