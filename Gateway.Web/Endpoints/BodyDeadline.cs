using System.IO.Pipelines;
using Gateway.Core;
using Gateway.Core.Load;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Ends the reading of a body that takes too long to arrive, since what there is of it holds memory or disk, however slowly the rest
/// comes; and of one that is still arriving when the process ends. Costs nothing where the body is there already.
/// </summary>
internal sealed class BodyDeadline : IDisposable
{
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _closing;

    private BodyDeadline(PipeReader reader, IServiceProvider services)
    {
        _timer = services.GetRequiredService<TimeProvider>().CreateTimer(
            static r => ((PipeReader)r!).CancelPendingRead(), reader, services.GetRequiredService<Func<GatewayOptions>>()().BodyTimeout, Timeout.InfiniteTimeSpan);
        _closing = services.GetRequiredService<LoadGates>().Closed.UnsafeRegister(static r => ((PipeReader)r!).CancelPendingRead(), reader);
    }

    /// <summary>The next bytes; cancelled (<see cref="ReadResult.IsCanceled"/>) when there is no more time.</summary>
    /// <param name="deadline">Of this body; made with the first read that has to wait, to be disposed of by the caller.</param>
    public static ValueTask<ReadResult> ReadAsync(HttpContext context, ref BodyDeadline? deadline, CancellationToken cancellationToken)
    {
        PipeReader reader = context.Request.BodyReader;
        ValueTask<ReadResult> read = reader.ReadAsync(cancellationToken);
        if (deadline is null && !read.IsCompleted)
        {
            deadline = new BodyDeadline(reader, context.RequestServices);
        }
        return read;
    }

    /// <summary>What the client is told.</summary>
    public static GatewayError Missed(HttpContext context)
    {
        if (context.RequestServices.GetRequiredService<LoadGates>().ClosedFor is not { } stopping)
        {
            return new GatewayError(GatewayErrorKind.RequestTimeout, "The request body took longer to arrive than this gateway waits (Gateway:Limits:BodyTimeout).");
        }
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
        return stopping;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _closing.Dispose();
    }
}
