using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration.Configuration;

/// <summary>One place that a draft and somebody else have both changed, differently.</summary>
/// <param name="Field">The column in the admin API's words; empty for the whole entry.</param>
/// <param name="Base">As it was when the draft began. Null is: not there, or a secret.</param>
/// <param name="Current">As somebody else has left it since.</param>
/// <param name="Draft">As the draft has it.</param>
public sealed record DraftConflict(string List, string Name, string Field, string? Base, string? Current, string? Draft);

/// <summary>Whose value counts where both have changed it.</summary>
internal enum MergePreference
{
    /// <summary>Neither: it is a conflict.</summary>
    None,
    Draft,
    Current,
}

/// <summary>Brings a draft's changes to what the configuration has become meanwhile, field by field.</summary>
internal sealed class CatalogMerge(MergePreference preference = MergePreference.None)
{
    private static readonly string[] Secrets = ["EncryptedSecret", "Hash", "PreviousHash", "Prefix"];

    private readonly List<DraftConflict> _conflicts = [];

    /// <summary>What could not be decided; then the rows hold the draft's values there.</summary>
    public IReadOnlyList<DraftConflict> Conflicts => _conflicts;

    public CatalogRows Merge(CatalogRows before, CatalogRows current, CatalogRows draft) => new()
    {
        Providers = Merge("providers", before.Providers, current.Providers, draft.Providers, p => p.Id, p => p.Name, (p, b, c, d) =>
            p.Credentials = Merge("providers", b?.Credentials ?? [], c?.Credentials ?? [], d?.Credentials ?? [], x => x.Id, x => $"{p.Name} {x.Label}")),
        Models = Merge("models", before.Models, current.Models, draft.Models, m => m.Id, m => m.Name, (m, b, c, d) =>
            m.Backends = Merge("models", b?.Backends ?? [], c?.Backends ?? [], d?.Backends ?? [], x => x.Id, x => $"{m.Name} {x.Provider ?? x.Url} {x.UpstreamModel}".TrimEnd())),
        Routes = Merge("routes", before.Routes, current.Routes, draft.Routes, r => r.Id, r => r.Name),
        Keys = Merge("keys", before.Keys, current.Keys, draft.Keys, k => k.Id, k => k.Name),
        Teams = Merge("teams", before.Teams, current.Teams, draft.Teams, t => t.Id, t => t.Name),
        Limits = Merge("limits", before.Limits, current.Limits, draft.Limits, l => $"{l.Scope}/{l.Of}", l => $"{l.Scope} {l.Of}".Trim()),
        Budgets = Merge("budgets", before.Budgets, current.Budgets, draft.Budgets, b => b.Id, b => b.Name),
        Prices = Merge("prices", before.Prices, current.Prices, draft.Prices, p => p.Id, p => p.Model),
    };

    private List<T> Merge<T>(
        string list, List<T> before, List<T> current, List<T> draft, Func<T, string> id, Func<T, string> name, Action<T, T?, T?, T?>? below = null)
        where T : class
    {
        var merged = new List<T>();
        Dictionary<string, T> olds = before.ToDictionary(id), nows = current.ToDictionary(id), drafts = draft.ToDictionary(id);
        foreach (string key in drafts.Keys.Concat(nows.Keys).Distinct().ToList())
        {
            (T? b, T? c, T? d) = (olds.GetValueOrDefault(key), nows.GetValueOrDefault(key), drafts.GetValueOrDefault(key));
            if (One(list, b, c, d, name, below) is { } row)
            {
                merged.Add(row);
            }
        }
        // Two that nobody knew of each other and that have one name.
        foreach (T created in draft.Where(d => !olds.ContainsKey(id(d)) && !nows.ContainsKey(id(d))))
        {
            if (list != "prices" && current.FirstOrDefault(c => !olds.ContainsKey(id(c)) && name(c) == name(created)) is { } other)
            {
                merged.Remove(preference == MergePreference.Current ? created : other);
                Conflict(list, name(created), "", null, "created", "created");
            }
        }
        return merged;
    }

    private T? One<T>(string list, T? b, T? c, T? d, Func<T, string> name, Action<T, T?, T?, T?>? below)
        where T : class
    {
        if (d is null)
        {
            if (b is null || c is null)
            {
                return c;
            }
            bool untouched = AreSame(b, c);
            return untouched || Conflict(list, name(c), "", "there", "changed", "removed") == MergePreference.Draft ? null : c;
        }
        if (c is null)
        {
            if (b is null)
            {
                below?.Invoke(d, b, c, d);
                return d;
            }
            bool untouched = AreSame(b, d);
            return untouched || Conflict(list, name(d), "", "there", "removed", "changed") == MergePreference.Current ? null : d;
        }
        foreach (PropertyInfo field in RowComparison.FieldsOf<T>())
        {
            (object? was, object? now, object? wanted) = (b is null ? null : field.GetValue(b), field.GetValue(c), field.GetValue(d));
            bool draftChanged = b is null || !RowComparison.AreSame(field, was, wanted);
            bool theyChanged = b is null || !RowComparison.AreSame(field, was, now);
            if (!draftChanged)
            {
                field.SetValue(d, now);
            }
            else if (theyChanged && field.Name != "Position" && !RowComparison.AreSame(field, now, wanted)
                && Conflict(list, name(d), JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name), Text(field, was), Text(field, now), Text(field, wanted)) == MergePreference.Current)
            {
                field.SetValue(d, now);
            }
        }
        below?.Invoke(d, b, c, d);
        return d;
    }

    // The entries below count as well: a provider whose credentials changed has changed.
    private static bool AreSame<T>(T a, T b) => RowComparison.AreSame(a, b) && (a, b) switch
    {
        (ProviderRow x, ProviderRow y) => SameLists(x.Credentials, y.Credentials, c => c.Id),
        (ModelRow x, ModelRow y) => SameLists(x.Backends, y.Backends, m => m.Id),
        _ => true,
    };

    private static bool SameLists<T>(List<T> a, List<T> b, Func<T, string> id) =>
        a.Count == b.Count && a.OrderBy(id).Zip(b.OrderBy(id)).All(p => RowComparison.AreSame(p.First, p.Second));

    private MergePreference Conflict(string list, string name, string field, string? was, string? now, string? wanted)
    {
        if (preference == MergePreference.None)
        {
            _conflicts.Add(new DraftConflict(list, name, field, was, now, wanted));
        }
        return preference;
    }

    private static string? Text(PropertyInfo field, object? value) =>
        Secrets.Contains(field.Name) ? null : value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();
}
