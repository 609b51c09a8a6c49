using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace Gateway.Tests;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    /// <summary>The longest that anything is waited for. It is for what never comes: a busy machine takes its time.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Returns as soon as the condition holds; fails the test when it does not within <see cref="Limit"/>.</summary>
    public static async Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        await TrueAsync(() => Task.FromResult(condition()), text);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        long start = Stopwatch.GetTimestamp();
        // What comes soon is seen soon, and what takes long is not asked for all the time.
        for (int wait = 5; !await condition(); wait = Math.Min(2 * wait, 100))
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                Assert.Fail($"Never became true: {text}");
            }
            await Task.Delay(wait, TestContext.Current.CancellationToken);
        }
    }
}
