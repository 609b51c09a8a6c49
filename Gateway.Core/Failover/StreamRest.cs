using System.Buffers;

namespace Gateway.Core.Failover;

/// <summary>
/// What comes after the event that is a stream's end: some servers add <c>[DONE]</c>. A client has all it needs by then, so that
/// neither time nor memory is spent on more than that.
/// </summary>
internal static class StreamRest
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);
    private const int MostBytes = 1024;

    /// <summary>Passes it on. The answer is settled, and the reader holds what was read beyond the end.</summary>
    public static async ValueTask PassAsync(Call call, AttemptClock clock, UpstreamReader reader)
    {
        try
        {
            clock.Limit(Longest);
            while (reader.Buffer.Length <= MostBytes && await reader.ReadAsync())
            {
            }
            if (reader.Buffer.Length <= MostBytes)
            {
                call.Exchange.Output.Write(reader.Buffer.Span);
                await call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // Nothing was missing.
        }
    }
}
