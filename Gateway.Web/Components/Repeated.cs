namespace Gateway.Web.Components;

/// <summary>
/// What an open page does again and again. A time that fails does not end those that follow; the first that does is in the log,
/// the others would only repeat it.
/// </summary>
internal sealed partial class Repeated(ILogger logger)
{
    private bool _told;

    /// <summary>Does it once more, and waits no longer for it than until <paramref name="stop"/>.</summary>
    public async Task RunAsync(Func<Task> once, CancellationToken stop)
    {
        try
        {
            // Disposal waits for the loop, and the renderer may be waiting for disposal: do not wait for it beyond that.
            await once().WaitAsync(stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            if (!_told)
            {
                _told = true;
                UpdateFailed(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page of the console could not be brought up to date; it goes on with the next.")]
    private static partial void UpdateFailed(ILogger logger, Exception exception);
}
