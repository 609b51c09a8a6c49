namespace Gateway.Core.Failover;

/// <summary>What a stream may hold: an event that is not whole yet, and what waits for the first content.</summary>
internal static class EventRoom
{
    public static readonly GatewayError TooLarge =
        UpstreamErrors.Invalid("The upstream sent an event larger than the gateway allows (Gateway:Limits:MaxEventBytes).");

    private static readonly GatewayError UsedUp = new(
        GatewayErrorKind.Overloaded,
        "The gateway holds as many large events as it has room for (Gateway:Limits:MaxBufferedBytes). Try again in a moment.",
        RetryAfter: TimeSpan.FromSeconds(5));

    /// <summary>Null where there is room for so many bytes.</summary>
    public static GatewayError? Check(Call call, long bytes) =>
        bytes > call.Options.MaxEventBytes ? TooLarge : call.Exchange.TryHold(bytes) ? null : UsedUp;
}
