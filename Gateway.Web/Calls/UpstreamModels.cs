using System.Runtime.CompilerServices;
using Gateway.Core.Catalog;
using Gateway.Providers;
using Gateway.Providers.Http;

namespace Gateway.Web.Calls;

/// <summary>
/// The models that a provider has: for clients' lists, where it takes every name that the catalog has not, and for forms. Remembered
/// for a while, since clients ask for such lists again and again. Safe for concurrent use.
/// </summary>
internal sealed class UpstreamModels(ProviderRegistry providers, TimeProvider time)
{
    private const int MaxBytes = 4_194_304;

    /// <summary>How long it is waited for at most.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    // Goes with the provider, of which a changed configuration has a new one.
    private readonly ConditionalWeakTable<Provider, Answer> _answers = [];

    /// <param name="patience">Of whoever asks now.</param>
    /// <returns>What it said last, if it does not answer in time; nothing where it never did.</returns>
    public async Task<IReadOnlyList<string>> OfAsync(Provider provider, TimeSpan patience, CancellationToken cancellation)
    {
        if (!_answers.TryGetValue(provider, out Answer? last) || time.GetElapsedTime(last.AskedAt) > Fresh)
        {
            // Not for this client alone, so its leaving does not end it.
            last = new Answer(time.GetTimestamp(), AskAsync(provider, last?.Models), last?.Models);
            _answers.AddOrUpdate(provider, last);
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

    private sealed record Answer(long AskedAt, Task<IReadOnlyList<string>> Models, Task<IReadOnlyList<string>>? Before);
}
