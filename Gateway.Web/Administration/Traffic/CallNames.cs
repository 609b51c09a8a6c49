using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Traffic;

/// <summary>
/// What calls are told by in queries and reports: names of keys, and the teams these are in. Revoked keys are among them, since
/// what was called with them stays on the books. As of the catalog in force, and worked out once for each state of it.
/// </summary>
internal sealed class CallNames(GatewayCatalog catalog)
{
    private State? _state;

    /// <summary>The catalog with the revoked keys.</summary>
    public CatalogDefinition Definition => Now.Definition;

    /// <summary>The name of the team of each key that is in one, by the key's id.</summary>
    public IReadOnlyDictionary<string, string> Teams => Now.Teams;

    private State Now
    {
        get
        {
            CatalogSnapshot snapshot = catalog.Current;
            return Volatile.Read(ref _state) is { } known && known.Snapshot == snapshot ? known : _state = new State(snapshot);
        }
    }

    /// <summary>The key's name; the id itself when no such key is known.</summary>
    public string OfKey(string id) => Now.Keys.GetValueOrDefault(id, id);

    private sealed class State
    {
        public State(CatalogSnapshot snapshot)
        {
            Snapshot = snapshot;
            Definition = snapshot.Definition with
            {
                Keys = [.. snapshot.Definition.Keys, .. snapshot.Definition.RevokedKeys.ExceptBy(snapshot.Definition.Keys.Select(k => k.Id), k => k.Id)],
            };
            Keys = Definition.Keys.ToDictionary(k => k.Id, k => k.Name);
            Teams = UsageGroupings.TeamsOf(Definition);
        }

        public CatalogSnapshot Snapshot { get; }
        public CatalogDefinition Definition { get; }
        public Dictionary<string, string> Keys { get; }
        public Dictionary<string, string> Teams { get; }
    }
}
