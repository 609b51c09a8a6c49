using System.Text.Json.Serialization;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>What a key may do on this node.</summary>
/// <param name="Accepted">False: no call is accepted with it; it is off, expired or revoked, or its team is off.</param>
/// <param name="Models">Names that it may ask for.</param>
/// <param name="Endpoints">What it may be used for, such as <c>chat</c>; none is all.</param>
/// <param name="Networks">Addresses and networks that it may be used from; none is everywhere.</param>
/// <param name="Team">The name of its team.</param>
/// <param name="Limits">Its own, its team's and the gateway's, then those of what it may reach; the first that is reached refuses the call.</param>
/// <param name="Budgets">In the same order.</param>
public sealed record KeyPolicyView(
    bool Accepted, IReadOnlyList<string> Models, IReadOnlyList<string> Endpoints, IReadOnlyList<string> Networks, string? Team,
    IReadOnlyList<KeyPolicyLimit> Limits, IReadOnlyList<KeyPolicyBudget> Budgets);

/// <summary>Limits that hold for a key's calls; 0 is unlimited.</summary>
/// <param name="Scope">Whose they are: <c>key, team, model, provider</c> or <c>gateway</c>.</param>
/// <param name="Of">Its name; empty for the gateway.</param>
public sealed record KeyPolicyLimit(string Scope, string Of, int RpmLimit, int TpmLimit, int MaxParallel)
{
    [JsonIgnore]
    public bool IsAny => RpmLimit > 0 || TpmLimit > 0 || MaxParallel > 0;
}

/// <summary>A budget that a key's calls count against, as it stands on this node.</summary>
/// <param name="Scope">As of a limit.</param>
/// <param name="Of">As of a limit.</param>
/// <param name="Hard">False warns and refuses nothing.</param>
/// <param name="ReservedUsd">Held by running calls.</param>
public sealed record KeyPolicyBudget(
    string Name, string Scope, string Of, bool Hard, NanoUsd AmountUsd, NanoUsd SpentUsd, NanoUsd ReservedUsd, NanoUsd RemainingUsd);
