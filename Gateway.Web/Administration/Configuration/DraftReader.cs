using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Configuration;
using Gateway.Web.Storage.Rows;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// Reads a draft's YAML: the lists of a configuration file, over the rows that it started from. An entry of a name that is
/// there keeps its id, its history and its secrets. Variables stand for secrets only, and no secret may be written down.
/// </summary>
/// <param name="based">What the draft started from: gives ids and secrets.</param>
/// <param name="file">What files declare: read-only here.</param>
/// <param name="given">Secrets by variable, encrypted by <paramref name="protect"/>; null when it is not being applied.</param>
internal sealed class DraftReader(
    CatalogRows based, CatalogDefinition file, DateTimeOffset now, IReadOnlyDictionary<string, string>? given = null, Func<string, string>? protect = null)
{
    /// <summary>In place of an encrypted secret that is still to be given; no protected text looks like it.</summary>
    private const string ToBeGiven = "to be given: ";

    private readonly YamlErrors _errors = new("draft");
    private readonly List<string> _notes = [];
    private readonly List<SecretVariable> _needed = [];
    private readonly CatalogRowWriter _writer = new(now);
    private YamlMappingNode _root = [];

    /// <summary>The variable of a secret that is still to be given; null for one that is kept.</summary>
    public static string? StillToBeGiven(string secret) => secret.StartsWith(ToBeGiven, StringComparison.Ordinal) ? secret[ToBeGiven.Length..] : null;

    public DraftReading Read(string yaml)
    {
        CatalogDefinition declared = Parse(yaml);
        CatalogDefinition ours = WithoutFiles(declared);
        CatalogRows rows = ToRows(ours);
        if (_errors.Found.Count == 0)
        {
            Check(rows);
        }
        return new DraftReading(
            rows,
            [.. _errors.Found.Select(e => new DraftProblem(e.Line > 0 ? e.Line : null, e.Path, e.Message)).Distinct().OrderBy(p => p.Line ?? 0)],
            _needed,
            _notes);
    }

    private CatalogDefinition Parse(string yaml)
    {
        if (!YamlText.TryParse(yaml, out YamlNode? root, out YamlError? error))
        {
            _errors.Add(error.Line, "", error.Message);
            return new CatalogDefinition();
        }
        switch (root)
        {
            case YamlMappingNode map:
                _root = map;
                break;
            case null or YamlScalarNode { Value: null or "" }:
                break;
            default:
                _errors.Add(root, "", "Properties with values are expected here.");
                break;
        }
        CheckVariables();
        // Variables stay what they are: this process's environment is nothing that a draft may look into.
        CatalogDefinition declared = FileCatalog.Read(new YamlMap(_root, "", _errors, SecretPlaceholders.Text), [], now);
        ReadSettings();
        return declared;
    }

    private void CheckVariables()
    {
        foreach (DraftText.Scalar scalar in DraftText.Scalars(_root))
        {
            if (scalar.IsWrittenSecret)
            {
                _errors.Add(scalar.Node, scalar.Path, DraftText.NoSecrets);
            }
            else if (!scalar.IsSecret && Interpolation.Variables(scalar.Node.Value!).Any())
            {
                _errors.Add(scalar.Node, scalar.Path, "In a draft a variable stands for a secret only. Write the value, or $${ for a plain ${.");
            }
        }
    }

    /// <summary>Settings are not the database's: known ones are told of, others refused as a file's would be.</summary>
    private void ReadSettings()
    {
        var settings = new YamlMappingNode();
        foreach ((YamlNode key, YamlNode value) in _root.Children.Where(c => !YamlSettings.Lists.Contains((c.Key as YamlScalarNode)?.Value)))
        {
            settings.Add(key, value);
        }
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        YamlSettings.Read(settings, values, _errors, SecretPlaceholders.Text);
        if (values.Count > 0)
        {
            _notes.Add($"Settings are not part of a draft and stay as they are; set them in the file or the environment: {string.Join(", ", values.Keys.Order(StringComparer.Ordinal))}.");
        }
    }

    /// <summary>What files declare may stand in a draft as it stands in them, since an export holds it; it is not the draft's to change.</summary>
    private CatalogDefinition WithoutFiles(CatalogDefinition declared)
    {
        var secrets = new SecretPlaceholders(file);
        JsonObject theirs = new ConfigTree(file, secrets.Of, _ => null).Build();
        JsonObject draft = new ConfigTree(declared, c => c.Secret, _ => null).Build();
        HashSet<string> Files(string list)
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            foreach (JsonObject entry in ((JsonArray)theirs[list]!).OfType<JsonObject>())
            {
                string name = list == "prices" ? (string)entry[ConfigTree.Identity]! : ConfigDiff.NameOf(entry);
                found.Add(name);
                if (((JsonArray)draft[list]!).OfType<JsonObject>().FirstOrDefault(d => (list == "prices" ? (string)d[ConfigTree.Identity]! : ConfigDiff.NameOf(d)) == name) is { } same
                    && IsAnother(list, entry, same))
                {
                    Error($"{list}[{ConfigDiff.NameOf(entry)}]", "It is declared in a file or the environment and can only be changed there. Leave it as it is there, or take it out.");
                }
            }
            return found;
        }
        HashSet<string> keys = Files("keys");
        HashSet<string> limits = Files("limits");
        HashSet<string> prices = Files("prices");
        HashSet<string> providers = Files("providers"), models = Files("models"), routes = Files("routes"), teams = Files("teams"), budgets = Files("budgets");
        return declared with
        {
            Providers = [.. declared.Providers.Where(p => !providers.Contains(p.Name))],
            Models = [.. declared.Models.Where(m => !models.Contains(m.Name))],
            Routes = [.. declared.Routes.Where(r => !routes.Contains(r.Name))],
            Teams = [.. declared.Teams.Where(t => !teams.Contains(t.Name))],
            Keys = [.. declared.Keys.Where(k => !keys.Contains(k.Name))],
            Limits = [.. declared.Limits.Where(l => !limits.Contains($"{l.Scope.ToName()} {l.Of}".Trim()))],
            Budgets = [.. declared.Budgets.Where(b => !budgets.Contains(b.Name))],
            Prices = [.. declared.Prices.Where(p => !prices.Contains($"{p.Provider}/{p.Model}@{ConfigTree.Instant(p.EffectiveFrom)}"))],
        };
    }

    private static bool IsAnother(string list, JsonObject file, JsonObject draft) =>
        ConfigDiff.Between(new JsonObject { [list] = new JsonArray(file.DeepClone()) }, new JsonObject { [list] = new JsonArray(draft.DeepClone()) }).Count > 0;

    private CatalogRows ToRows(CatalogDefinition declared)
    {
        foreach (ApiKeyDefinition key in declared.Keys.Where(k => k.OperatorChosen))
        {
            Error($"keys[{key.Name}]", "A key that you choose can only be declared in a file. Give its SHA-256 as key_hash, or issue a key in the console.");
        }
        CatalogDefinition before = based.ToDefinition();
        var secrets = new SecretPlaceholders(new CatalogDefinition
        {
            Providers = [.. file.Providers, .. before.Providers.ExceptBy(file.Providers.Select(p => p.Name), p => p.Name)],
        });
        var rows = new CatalogRows
        {
            Providers = [.. declared.Providers.Select(p => _writer.Provider(p, based.Providers.Find(o => o.Name == p.Name), (c, old) => Secret(p, c, old, secrets)))],
            Models = [.. Models(declared)],
            Routes = [.. declared.Routes.Select(r => _writer.Route(r, based.Routes.Find(o => o.Name == r.Name)))],
            Teams = [.. declared.Teams.Select(t => _writer.Team(t, based.Teams.Find(o => o.Name == t.Name)))],
        };
        foreach (ApiKeyDefinition key in declared.Keys.Where(k => !k.OperatorChosen))
        {
            ApiKeyRow? old = based.Keys.Find(o => o.Name == key.Name) ?? based.Keys.Find(o => o.Hash == key.Hash.ToHex());
            rows.Keys.Add(_writer.Key(key, old, key.Team is null ? null : Id($"keys[{key.Name}].team", ScopeKind.Team, key.Team, rows)));
        }
        foreach (LimitDefinition limit in declared.Limits)
        {
            string of = Id($"limits[{limit.Scope.ToName()}/{limit.Of}]", limit.Scope, limit.Of, rows) ?? limit.Of;
            rows.Limits.Add(_writer.Limit(limit, based.Limits.Find(o => o.Scope == limit.Scope.ToName() && o.Of == of), of));
        }
        foreach (BudgetDefinition budget in declared.Budgets)
        {
            string of = Id($"budgets[{budget.Name}].of", budget.Scope, budget.Of, rows) ?? budget.Of;
            rows.Budgets.Add(_writer.Budget(budget, based.Budgets.Find(o => o.Name == budget.Name), of));
        }
        foreach (var price in declared.Prices)
        {
            rows.Prices.Add(_writer.Price(price, based.Prices.Find(o => (o.Model, o.Provider, o.EffectiveFrom) == (price.Model, price.Provider, price.EffectiveFrom))));
        }
        return rows;
    }

    private IEnumerable<ModelRow> Models(CatalogDefinition declared)
    {
        foreach (ModelDefinition model in declared.Models)
        {
            ModelRow? old = based.Models.Find(o => o.Name == model.Name);
            List<BackendDefinition> all = [.. model.Backends];
            ModelRow row = _writer.Model(model, old, b => b.Id != FileCatalog.Id("backend", $"{model.Name}/{all.IndexOf(b)}"));
            if (old?.DefaultParamsJson is { } was && row.DefaultParamsJson is { } json && JsonNode.DeepEquals(JsonNode.Parse(was), JsonNode.Parse(json)))
            {
                row.DefaultParamsJson = was;
            }
            yield return row;
        }
    }

    /// <summary>The stored one where the draft has that one's variable; else the one that was given.</summary>
    private string Secret(ProviderDefinition provider, CredentialDefinition credential, CredentialRow? old, SecretPlaceholders stored)
    {
        string variable = Interpolation.TheVariable(credential.Secret) ?? credential.Secret;
        if (given?.GetValueOrDefault(variable) is { Length: > 0 } secret && protect is not null)
        {
            return protect(secret);
        }
        if (old is not null && stored.Of(new CredentialDefinition { Id = old.Id, Label = "", Secret = "" }) == credential.Secret)
        {
            return old.EncryptedSecret;
        }
        _needed.Add(new SecretVariable(variable, $"credential \"{credential.Label}\" of provider \"{provider.Name}\""));
        return ToBeGiven + variable;
    }

    private string? Id(string path, ScopeKind kind, string of, CatalogRows rows)
    {
        if (kind == ScopeKind.Gateway)
        {
            return "";
        }
        IEnumerable<(string Id, string Name)> all = kind switch
        {
            ScopeKind.Team => file.Teams.Select(t => (t.Id, t.Name)).Concat(rows.Teams.Select(t => (t.Id, t.Name))),
            ScopeKind.Model => file.Models.Select(m => (m.Id, m.Name)).Concat(rows.Models.Select(m => (m.Id, m.Name))),
            ScopeKind.Provider => file.Providers.Select(p => (p.Id, p.Name)).Concat(rows.Providers.Select(p => (p.Id, p.Name))),
            _ => file.Keys.Select(k => (k.Id, k.Name)).Concat(rows.Keys.Select(k => (k.Id, k.Name))),
        };
        (string Id, string Name)[] found = [.. all];
        int index = Array.FindIndex(found, f => f.Name == of);
        index = index < 0 ? Array.FindIndex(found, f => f.Id == of) : index;
        if (index < 0 && kind != ScopeKind.Key)
        {
            Error(path, $"There is no {kind.ToName()} \"{of}\".");
        }
        return index < 0 ? null : found[index].Id;
    }

    /// <summary>What the catalog itself says against it, and what no column could hold.</summary>
    private void Check(CatalogRows rows)
    {
        CatalogDefinition database = rows.ToDefinition();
        // Kinds look at the shape of secrets; an encrypted one has none, so they are checked when the draft is applied.
        CatalogDefinition bare = database with { Providers = [.. database.Providers.Select(p => p with { Credentials = [] })] };
        CatalogDefinition merged = new()
        {
            Providers = [.. file.Providers, .. bare.Providers],
            Models = [.. file.Models, .. bare.Models],
            Routes = [.. file.Routes, .. bare.Routes],
            Keys = [.. file.Keys, .. bare.Keys],
            Teams = [.. file.Teams, .. bare.Teams],
            Limits = [.. file.Limits, .. bare.Limits],
            Budgets = [.. file.Budgets, .. bare.Budgets],
            Prices = [.. file.Prices, .. bare.Prices],
        };
        foreach (CatalogError error in CatalogSnapshot.Build(merged, CatalogSnapshot.Empty, out _))
        {
            Error(error.Path, error.Message);
        }
        CheckUnique("models", rows.Models.SelectMany(m => m.Backends).Select(b => b.Id), "backend id");
        CheckUnique("keys", rows.Keys.Select(k => k.Name), "key name");
        CheckUnique("prices", rows.Prices.Select(p => $"{p.Provider}/{p.Model}@{ConfigTree.Instant(p.EffectiveFrom)}"), "price");
        CheckLengths("providers", rows.Providers, p => p.Name);
        CheckLengths("providers", rows.Providers.SelectMany(p => p.Credentials), c => rows.Providers.First(p => p.Id == c.ProviderId).Name);
        CheckLengths("models", rows.Models, m => m.Name);
        CheckLengths("models", rows.Models.SelectMany(m => m.Backends), b => rows.Models.First(m => m.Id == b.ModelId).Name);
        CheckLengths("routes", rows.Routes, r => r.Name);
        CheckLengths("teams", rows.Teams, t => t.Name);
        CheckLengths("keys", rows.Keys, k => k.Name);
        CheckLengths("budgets", rows.Budgets, b => b.Name);
        CheckLengths("prices", rows.Prices, p => p.Model);
    }

    private void CheckUnique(string list, IEnumerable<string> values, string what)
    {
        foreach (string twice in values.GroupBy(v => v).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            Error($"{list}[{twice}]", $"The {what} is used twice.");
        }
    }

    private void CheckLengths<T>(string list, IEnumerable<T> rows, Func<T, string> name)
    {
        (PropertyInfo Property, int Most)[] limited =
        [
            .. typeof(T).GetProperties().Where(p => p.PropertyType == typeof(string))
                .Select(p => (p, p.GetCustomAttribute<MaxLengthAttribute>()?.Length ?? int.MaxValue)),
        ];
        foreach (T row in rows)
        {
            foreach ((PropertyInfo property, int most) in limited)
            {
                string? text = (string?)property.GetValue(row);
                if (text?.Length > most || text?.Contains('\0') == true)
                {
                    string field = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
                    Error($"{list}[{name(row)}].{field}", text.Length > most ? $"At most {most} characters." : "A text has no NUL character.");
                }
            }
        }
    }

    private void Error(string path, string message) => _errors.Add(YamlLines.Find(_root, path), path, message);
}
