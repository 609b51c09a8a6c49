using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Routing.Policies;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration;

/// <summary>Writes a change into the row of a model or a backend, noting what does not fit.</summary>
internal static class ModelRowChanges
{
    public static void Apply(this ModelRow row, CatalogEdit edit, ModelChange change)
    {
        row.ModelId = change.ModelId.HasValue ? edit.Limited("model_id", change.ModelId.Value, 200) : row.ModelId;
        row.AliasesJson = change.Aliases.HasValue ? AdministrationJson.Serialize(edit.WithoutNulls("aliases", change.Aliases.Value).Distinct()) : row.AliasesJson;
        row.Active = change.Active.Or(row.Active) ?? true;
        row.DefaultParamsJson = change.DefaultParams.HasValue ? Json(change.DefaultParams.Value) : row.DefaultParamsJson;
        row.ReasoningEnabled = change.ReasoningConfig.HasValue ? change.ReasoningConfig.Value?.Enabled : row.ReasoningEnabled;
        row.SystemPromptPrefix = change.Transforms.HasValue
            ? edit.Limited("transforms.system_prompt_prefix", change.Transforms.Value?.SystemPromptPrefix, 100_000)
            : row.SystemPromptPrefix;
        if (change.OnLoss.HasValue)
        {
            row.OnLoss = change.OnLoss.Value;
            if (row.OnLoss is not null && !LossPolicies.TryParse(row.OnLoss, out _))
            {
                edit.Error("on_loss", $"One of {string.Join(", ", LossPolicies.All)}.");
            }
        }
        row.DefaultRoute = change.DefaultRoute.HasValue ? edit.Limited("default_route", change.DefaultRoute.Value, 200) : row.DefaultRoute;
        row.MaxOutputTokens = change.MaxOutputTokens.Or(row.MaxOutputTokens);
        if (row.MaxOutputTokens < 1)
        {
            edit.Error("max_output_tokens", "At least 1, or null for no limit.");
        }
        row.RoutingPolicy = change.RoutingPolicy.HasValue ? edit.RoutingPolicy(change.RoutingPolicy.Value) : row.RoutingPolicy;
        row.MaxConcurrency = change.MaxConcurrency.Or(row.MaxConcurrency);
        row.Description = change.Description.HasValue ? edit.Limited("description", change.Description.Value, 2000) : row.Description;
        if (change.Backends.HasValue)
        {
            row.ReplaceBackends(edit, edit.WithoutNulls("backends", change.Backends.Value));
        }
        row.UpdatedAt = edit.Now;
    }

    public static BackendRow AddBackend(this ModelRow row, CatalogEdit edit, BackendChange change, string path)
    {
        var backend = new BackendRow { Id = edit.NewId(), ModelId = row.Id, Position = row.Backends.Count == 0 ? 0 : row.Backends.Max(b => b.Position) + 1 };
        backend.Apply(edit, change, path);
        row.Backends.Add(backend);
        // Its id is set here and not by the database, which EF would otherwise take for a row that exists.
        edit.Database.Backends.Add(backend);
        return backend;
    }

    public static void Apply(this BackendRow row, CatalogEdit edit, BackendChange change, string path)
    {
        string Path(string field) => path.Length == 0 ? field : $"{path}.{field}";
        string? provider = edit.Limited(Path("provider"), change.Provider.Value, 200);
        string? url = edit.Limited(Path("url"), change.Url.Value, 2000);
        if (provider is not null && url is not null)
        {
            edit.Error(Path("provider"), "A backend has a provider or a url, not both.");
        }
        // Setting the one clears the other, so that a backend can be moved with one field.
        row.Provider = change.Provider.HasValue ? provider : url is null ? row.Provider : null;
        row.Url = change.Url.HasValue ? url : provider is null ? row.Url : null;
        row.UpstreamModel = change.UpstreamModel.HasValue ? edit.Limited(Path("upstream_model"), change.UpstreamModel.Value, 200) : row.UpstreamModel;
        row.Weight = change.Weight.Or(row.Weight) ?? 1;
        row.Priority = change.Priority.Or(row.Priority) ?? 0;
        if (row.Priority is < 0 or > 1000)
        {
            edit.Error(Path("priority"), "A priority is 0 to 1000.");
        }
        row.Active = change.Active.Or(row.Active) ?? true;
        row.Draining = change.Draining.Or(row.Draining) ?? false;
        row.MaxConcurrency = change.MaxConcurrency.Or(row.MaxConcurrency);
    }

    /// <summary>The policy's own spelling; notes an unknown one.</summary>
    public static string? RoutingPolicy(this CatalogEdit edit, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }
        if (!RoutingPolicies.TryFind(name, out IRoutingPolicy? policy))
        {
            edit.Error("routing_policy", $"One of {string.Join(", ", RoutingPolicies.All.Select(p => p.Name))}.");
        }
        return policy?.Name;
    }

    private static void ReplaceBackends(this ModelRow row, CatalogEdit edit, IReadOnlyList<BackendChange> wanted)
    {
        row.Backends.RemoveAll(b => wanted.All(w => w.Id != b.Id));
        for (int i = 0; i < wanted.Count; i++)
        {
            string path = $"backends[{i}]";
            BackendRow? backend = row.Backends.Find(b => b.Id == wanted[i].Id);
            if (backend is null && wanted[i].Id is not null)
            {
                edit.Error($"{path}.id", $"This model has no backend with the id \"{wanted[i].Id}\".");
                continue;
            }
            if (backend is null)
            {
                backend = row.AddBackend(edit, wanted[i], path);
            }
            else
            {
                backend.Apply(edit, wanted[i], path);
            }
            backend.Position = i;
        }
    }

    private static string? Json(JsonElement? value) =>
        value is null || value.Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : value.Value.GetRawText();
}
