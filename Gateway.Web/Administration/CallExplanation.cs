namespace Gateway.Web.Administration;

/// <summary>A call that is thought of.</summary>
internal sealed record CallQuestion
{
    /// <summary>As a client would send it.</summary>
    public string? Model { get; init; }

    /// <summary>Null asks for a key that may do everything.</summary>
    public string? KeyId { get; init; }

    /// <summary><c>omni_route</c>.</summary>
    public string? Route { get; init; }

    /// <summary><c>omni_provider</c>: this one or none.</summary>
    public string? Provider { get; init; }

    /// <summary><c>X-Provider-Priority</c>: this one first.</summary>
    public string? Prefer { get; init; }
}

/// <summary>Which backend would serve a call, and why.</summary>
public sealed record CallExplanation
{
    /// <summary>What the client would be told instead; null when the call has a way.</summary>
    public CallRefusal? Refused { get; init; }

    /// <summary>Why these steps, in one sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>The chain that decides; null when the model's own backends do.</summary>
    public string? Route { get; init; }

    /// <summary>In order; a later one is for when those before have failed.</summary>
    public required IReadOnlyList<StepExplanation> Steps { get; init; }

    /// <summary>The backend that would be called first; null when none may be called now.</summary>
    public string? Serves => Steps.SelectMany(s => s.Backends).FirstOrDefault(b => b.Taken)?.BackendId;
}

/// <param name="Status">An HTTP status code.</param>
public sealed record CallRefusal(int Status, string? Code, string Message);

/// <param name="Step">Counted from 1.</param>
/// <param name="Policy">How it chooses among its backends.</param>
public sealed record StepExplanation(int Step, string Policy, IReadOnlyList<BackendExplanation> Backends);

/// <param name="Taken">It would be called in this step.</param>
/// <param name="Score">The policy's, lower is better; null where no call may go there now.</param>
/// <param name="Why">In words.</param>
public sealed record BackendExplanation(string BackendId, string Provider, string UpstreamModel, bool Taken, double? Score, string Why);
