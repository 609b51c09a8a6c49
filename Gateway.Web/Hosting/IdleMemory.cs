using Gateway.Core.Live;

namespace Gateway.Web.Hosting;

/// <summary>
/// Gives memory back when a burst is over. The collector of a server works when something is allocated: a node that nobody calls any
/// more would keep for hours what sixty large uploads made it take. Never while a call runs, and only when there is something to gain.
/// </summary>
internal sealed class IdleMemory(RunningCalls running, TimeProvider time) : BackgroundService
{
    // The shared pools let go of what was not used for some tens of seconds, when they see the collector work: once is not enough.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private const int Rounds = 3;
    private const long WorthIt = 48L * 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        long kept = Environment.WorkingSet;
        int round = 0;
        bool wasQuiet = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            bool quiet = running.IsEmpty;
            if (quiet && wasQuiet && Environment.WorkingSet - kept >= WorthIt)
            {
                FullCollection.Run();
                round++;
            }
            if (round == Rounds)
            {
                // What is left is in use: growth counts from here.
                (kept, round) = (Environment.WorkingSet, 0);
            }
            wasQuiet = quiet;
            kept = Math.Min(kept, Environment.WorkingSet);
        }
    }
}
