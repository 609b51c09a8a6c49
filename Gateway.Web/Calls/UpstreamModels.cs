using Gateway.Core.Catalog;
using Gateway.Providers;
using Gateway.Providers.Http;

namespace Gateway.Web.Calls;

/// <summary>
/// The models that the provider has which takes every name that the catalog has not, for lists of models. Remembered for a
/// while, since clients ask for such lists again and again. Safe for concurrent use.
/// </summary>
internal sealed class UpstreamModels(ProviderRegistry providers, TimeProvider time)
{
    private const int MaxBytes = 4_194_304;

    /// <summary>How long it is waited for at most.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private volatile Answer? _last;

    /// <param name="patience">Of whoever asks now.</param>
    /// <returns>What it said last, if it does not answer in time; nothing where it never did.</returns>
    public async Task<IReadOnlyList<string>> OfAsync(Provider provider, TimeSpan patience, CancellationToken cancellation)
    {
        Answer? last = _last?.Provider == provider ? _last : null;
        if (last is null || time.GetElapsedTime(last.AskedAt) > Fresh)
        {
            // Not for this client alone, so its leaving does not end it.
            _last = last = new Answer(provider, time.GetTimestamp(), AskAsync(provider, last?.Models), last?.Models);
        }
        try
        {
            return await last.Models.WaitAsync(patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            return last.Before is { IsCompletedSuccessfully: true } before ? await before : [];
        }
    }

    private async Task<IReadOnlyList<string>> AskAsync(Provider provider, Task<IReadOnlyList<string>>? before)
    {
        if (providers.Find(provider.Kind) is { } adapter)
        {
            try
            {
                using var timeout = new CancellationTokenSource(Patience, time);
                using HttpResponseMessage answer = await adapter.ListModelsAsync(provider, provider.Credentials.Count > 0 ? provider.Credentials[0] : null, timeout.Token);
                await answer.Content.LoadIntoBufferAsync(MaxBytes, timeout.Token);
                if (answer.IsSuccessStatusCode && ModelList.Read(await answer.Content.ReadAsByteArrayAsync(timeout.Token)) is { } models)
                {
                    return models;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                // A list is worth less than an answer: without it clients see what is known here.
            }
        }
        return before is null ? [] : await before;
    }

    private sealed record Answer(Provider Provider, long AskedAt, Task<IReadOnlyList<string>> Models, Task<IReadOnlyList<string>>? Before);
}
