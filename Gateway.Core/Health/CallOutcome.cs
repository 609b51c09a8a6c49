namespace Gateway.Core.Health;

/// <summary>What a call says of the backend's health.</summary>
public enum CallOutcome
{
    /// <summary>It answered, be it with a refusal of what was asked.</summary>
    Alive,

    /// <summary>It failed: a server error, a timeout, no connection, a broken or an invalid answer.</summary>
    Failed,

    /// <summary>Nothing: the client left, or the credential was refused or limited.</summary>
    Unknown,
}
