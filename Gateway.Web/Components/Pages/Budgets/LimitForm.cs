using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Budgets;

/// <summary>The limits of a scope while they are being edited; null is unlimited.</summary>
internal sealed class LimitForm
{
    public string Scope { get; set; } = "gateway";

    /// <summary>The id of the team, model or provider; empty for the gateway.</summary>
    public string Of { get; set; } = "";
    public int? RpmLimit { get; set; }
    public int? TpmLimit { get; set; }
    public int? MaxParallel { get; set; }

    public static LimitForm From(LimitView? limit) => limit is null ? new LimitForm() : new LimitForm
    {
        Scope = limit.Scope,
        Of = limit.Of,
        RpmLimit = OrNull(limit.RpmLimit),
        TpmLimit = OrNull(limit.TpmLimit),
        MaxParallel = OrNull(limit.MaxParallel),
    };

    public LimitChange ToChange() => new() { RpmLimit = RpmLimit, TpmLimit = TpmLimit, MaxParallel = MaxParallel };

    private static int? OrNull(int limit) => limit == 0 ? null : limit;
}
