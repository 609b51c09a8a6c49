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
    All = RateLimit | Timeout | Connection | ServerError | InvalidResponse | Authentication,
}
