using System.Text.Json.Serialization;

namespace Gateway.Core.Accounting;

/// <summary>
/// How a call came to its backend: when each stage was over, and what was considered. Times are microseconds after the request's
/// arrival; 0 is a stage that was not reached. The attempts say the rest.
/// </summary>
public sealed class CallTrace
{
    // More than anybody reads; a route has at most 20 steps.
    private const int MostCandidates = 32;

    private List<CandidateRecord>? _candidates;

    /// <summary>The key was known.</summary>
    public long AuthenticatedUs { get; set; }

    /// <summary>The body had been read and understood.</summary>
    public long ReadUs { get; set; }

    /// <summary>The plan was made.</summary>
    public long RoutedUs { get; set; }

    /// <summary>There was a place for it, waited for or not.</summary>
    public long PlacedUs { get; set; }

    /// <summary>Limits and budgets had let it through.</summary>
    public long AdmittedUs { get; set; }

    /// <summary>Why it went where it went, one sentence.</summary>
    public string? Reason { get; set; }

    /// <summary>Name of the policy that chose among them; null where there was nothing to choose.</summary>
    public string? Policy { get; set; }

    /// <summary>What was said in it is being kept; false: it was to be, but there was no room. Null, as a rule, when nobody asked for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Captured { get; set; }

    /// <summary>Wherever there was more than one backend to choose from.</summary>
    public IReadOnlyList<CandidateRecord> Candidates
    {
        get => _candidates is null ? [] : _candidates;
        init => _candidates = [.. value];
    }

    /// <summary>Notes one that was considered.</summary>
    public void Add(in CandidateRecord candidate)
    {
        if ((_candidates ??= []).Count < MostCandidates)
        {
            _candidates.Add(candidate);
        }
    }
}

/// <summary>One backend that a call might have gone to.</summary>
/// <param name="Score">What the policy judged by, lower is better; null where no call could go there.</param>
/// <param name="Obstacle">Why no call could go there; null where one could.</param>
/// <param name="Taken">The call went there.</param>
public readonly record struct CandidateRecord(string Provider, string BackendId, double? Score, string? Obstacle, bool Taken);
