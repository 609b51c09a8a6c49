using System.Text;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Routing;

namespace Gateway.Web.Administration.Configuration.Trial;

/// <summary>Where a call may go under one catalog; <paramref name="Plan"/> is null where it may go nowhere.</summary>
internal sealed record PlannedCall(RoutePlan? Plan, GatewayError? Error, string[] Steps)
{
    public static PlannedCall Of(RoutePlan? plan, GatewayError? error) => new(plan, error, error is not null ? [] : [.. plan!.Steps.Select(s => Describe(s, plan))]);

    /// <summary>The step that has the backend; -1 when none has.</summary>
    public int StepOf(string? backendId, string? upstreamModel) =>
        Plan is null ? -1 : Array.FindIndex(Plan.Steps, s => s.Backends.Any(b => b.Id == backendId && b.UpstreamModel == upstreamModel));

    public Backend? Find(string? backendId, string? upstreamModel) =>
        Plan?.Steps.SelectMany(s => s.Backends).FirstOrDefault(b => b.Id == backendId && b.UpstreamModel == upstreamModel);

    // Everything that decides which of a step's backends is asked.
    private static string Describe(RouteStep step, RoutePlan plan)
    {
        var text = new StringBuilder();
        text.Append(step.Policy.Name).Append('|').Append(step.Retries).Append('|').Append((int)plan.RetryOn).Append('|').Append(plan.Model?.Id);
        foreach (Backend b in step.Backends)
        {
            text.Append('|').AppendJoin(',', b.Id, b.Provider.Id, b.UpstreamModel, b.Weight, b.Priority, b.IsDraining, b.MaxConcurrency, b.Provider.MaxConcurrency);
        }
        return text.ToString();
    }
}

/// <summary>A call's ways under both catalogs.</summary>
internal sealed record PlannedPair(PlannedCall Present, PlannedCall Draft)
{
    public bool AreSame { get; } = Present.Error?.Kind == Draft.Error?.Kind && Present.Steps.SequenceEqual(Draft.Steps);

    /// <summary>Whether the draft leaves everything alone that led to the recorded backend: its step and those before it.</summary>
    public bool LeavesAlone(UsageRecord record)
    {
        if (AreSame)
        {
            return true;
        }
        int step = Present.StepOf(record.BackendId, record.UpstreamModel);
        return step >= 0 && step < Draft.Steps.Length && Present.Steps.Take(step + 1).SequenceEqual(Draft.Steps.Take(step + 1));
    }
}

/// <summary>Plans recorded calls by <see cref="RoutePlanner"/>, under the present catalog and under the draft's.</summary>
internal sealed class CallPlans(CatalogSnapshot present, CatalogSnapshot draft, GatewayOptions options)
{
    private const int MostKept = 10_000;

    private readonly Dictionary<(string Key, string Model, string? Route, string? Backend), PlannedPair> _kept = [];

    /// <summary>Null when the call cannot be planned again: its key or its model's name is not known any more.</summary>
    public PlannedPair? Plan(UsageRecord record, ApiKey presentKey, ApiKey draftKey)
    {
        if (record.RequestedModel is not { } model)
        {
            return null;
        }
        var known = (presentKey.Id, model, record.Route, record.BackendId);
        if (_kept.TryGetValue(known, out PlannedPair? pair))
        {
            return pair;
        }
        // What the request itself asked for is not recorded, but shows: in a route that is not the model's, in a backend that no plan has.
        string? route = record.Route is not null && present.FindModel(model)?.DefaultRoute?.Name != record.Route ? record.Route : null;
        var query = new RouteQuery(model, route, null, null);
        PlannedCall then = Plan(present, presentKey, query);
        if (record.BackendId is not null && then.Plan is not null && then.StepOf(record.BackendId, record.UpstreamModel) < 0)
        {
            query = query with { PreferredProvider = record.Provider };
            then = Plan(present, presentKey, query);
        }
        pair = new PlannedPair(then, Plan(draft, draftKey, query));
        if (_kept.Count < MostKept)
        {
            _kept[known] = pair;
        }
        return pair;
    }

    private PlannedCall Plan(CatalogSnapshot snapshot, ApiKey key, RouteQuery query)
    {
        GatewayError? error = RoutePlanner.Plan(snapshot, options, key, query, out RoutePlan? plan);
        return PlannedCall.Of(plan, error);
    }
}
