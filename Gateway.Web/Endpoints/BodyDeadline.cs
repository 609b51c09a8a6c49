using System.IO.Pipelines;
using Gateway.Core;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Ends the reading of a body that takes too long to arrive: what there is of it holds memory or disk, however slowly the rest
/// comes. Costs nothing where the body is there already.
/// </summary>
internal static class BodyDeadline
{
    /// <summary>The next bytes; cancelled (<see cref="ReadResult.IsCanceled"/>) when the time is over.</summary>
    /// <param name="timer">Of this body; made with the first read that has to wait, to be disposed of by the caller.</param>
    public static ValueTask<ReadResult> ReadAsync(HttpContext context, ref ITimer? timer, CancellationToken cancellationToken)
    {
        PipeReader reader = context.Request.BodyReader;
        ValueTask<ReadResult> read = reader.ReadAsync(cancellationToken);
        if (timer is null && !read.IsCompleted)
        {
            IServiceProvider services = context.RequestServices;
            timer = services.GetRequiredService<TimeProvider>().CreateTimer(
                static r => ((PipeReader)r!).CancelPendingRead(), reader, services.GetRequiredService<Func<GatewayOptions>>()().BodyTimeout, Timeout.InfiniteTimeSpan);
        }
        return read;
    }

    /// <summary>What the client is told.</summary>
    public static GatewayError Missed { get; } = new(
        GatewayErrorKind.RequestTimeout, "The request body took longer to arrive than this gateway waits (Gateway:Limits:BodyTimeout).");
}
