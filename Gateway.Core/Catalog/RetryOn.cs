namespace Gateway.Core.Catalog;

/// <summary>The failures after which a chain moves on.</summary>
[Flags]
public enum RetryOn
{
    None = 0,
    RateLimit = 1,
    Timeout = 2,
    Connection = 4,
    ServerError = 8,
    InvalidResponse = 16,
    Authentication = 32,

    /// <summary>Asked for by name: a backend that let a request wait until its time was up is asked again, which may be paid for again.</summary>
    TimeoutAgain = 64,

    /// <summary>Where nothing is said.</summary>
    All = RateLimit | Timeout | Connection | ServerError | InvalidResponse | Authentication,
}
