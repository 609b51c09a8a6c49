using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace Gateway.Tests;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Returns as soon as the condition holds; fails the test when it does not within twenty seconds.</summary>
    public static async Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        await TrueAsync(() => Task.FromResult(condition()), text);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                Assert.Fail($"Never became true: {text}");
            }
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
