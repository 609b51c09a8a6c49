using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration.Trial;

/// <summary>What becomes of a call, on one side of the comparison.</summary>
/// <param name="Refusal">Why it was not let through; null when it was.</param>
/// <param name="Backend">Provider and upstream model that answered; null when none was called.</param>
internal readonly record struct CallOutcomeView(string? Refusal, bool Succeeded, string? Backend, NanoUsd? Cost, bool CostKnown, long InputTokens, long OutputTokens)
{
    public static CallOutcomeView Recorded(UsageRecord r) => new(
        r.Admitted ? null : RefusalReason.Of(r),
        r.ErrorKind is null,
        r.BackendId is null ? null : NameOf(r.Provider, r.UpstreamModel),
        r.Cost,
        r.Cost is not null || r.Usage.Source == UsageSource.None,
        r.Usage.InputTokens,
        r.Usage.OutputTokens);

    public static string NameOf(string? provider, string? upstreamModel) => $"{provider} → {upstreamModel}";
}

/// <summary>Adds up one side. Names are bounded: what there is too much of is one entry.</summary>
internal sealed class TrialTotals
{
    private const int MostNames = 200;
    private const string Others = "(others)";

    private long _requests;
    private long _served;
    private long _refused;
    private long _failed;
    private long _unknown;
    private long _input;
    private long _output;
    private Int128 _cost;

    public Dictionary<string, long> Refusals { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, long> Backends { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, (long Calls, long Cost)> Models { get; } = new(StringComparer.Ordinal);

    public void Add(in CallOutcomeView outcome, string? model)
    {
        _requests++;
        _input += outcome.InputTokens;
        _output += outcome.OutputTokens;
        _cost += outcome.Cost?.Value ?? 0;
        _unknown += outcome.CostKnown ? 0 : 1;
        if (outcome.Refusal is { } refusal)
        {
            _refused++;
            Count(Refusals, refusal);
        }
        else
        {
            _served += outcome.Succeeded ? 1 : 0;
            _failed += outcome.Succeeded ? 0 : 1;
            if (outcome.Backend is { } backend)
            {
                Count(Backends, backend);
            }
            string name = Models.ContainsKey(model ?? "") || Models.Count < MostNames ? model ?? "" : Others;
            (long calls, long cost) = Models.GetValueOrDefault(name);
            Models[name] = (calls + 1, cost + (outcome.Cost?.Value ?? 0));
        }
    }

    public ReplaySide View() => new(
        _requests, _served, _refused, _failed, new NanoUsd((long)Int128.Min(_cost, long.MaxValue)), _unknown, _input, _output);

    private static void Count(Dictionary<string, long> counts, string name)
    {
        name = counts.ContainsKey(name) || counts.Count < MostNames ? name : Others;
        counts[name] = counts.GetValueOrDefault(name) + 1;
    }
}
