namespace Gateway.Core.Library;

/// <summary>A call of a <see cref="GatewayClient"/> failed after everything that could be tried was tried.</summary>
/// <param name="kind">What went wrong; its name is the same as in records and logs.</param>
/// <param name="status">The HTTP status that a client of the gateway would have got.</param>
public sealed class GatewayCallException(GatewayErrorKind kind, int status, string message) : Exception(message)
{
    public GatewayErrorKind Kind { get; } = kind;
    public int Status { get; } = status;
}
