using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Relay;

namespace Gateway.Web.Health;

/// <summary>
/// Has a provider generate one token. That is paid for: so many a day and no more, and each stands in the books under a key
/// of its own name.
/// </summary>
internal sealed class CompletionProbe(GatewayCatalog catalog, Journal journal, IUsageSink sink, TimeProvider time)
{
    public const string KeyName = "health-check";

    private const int MostBytes = 1_048_576;

    private static readonly Operation[] Askable = [Operation.ChatCompletions, Operation.Messages, Operation.GenerateContent];

    public async Task<(bool Ok, string Message)> AskAsync(
        Provider provider, IProviderAdapter adapter, CredentialDefinition? credential, CancellationToken cancellation)
    {
        Backend? backend = catalog.Current.Backends.Values.FirstOrDefault(b => b.Provider.Id == provider.Id && b.Active);
        Operation asked = backend is null ? default : Array.Find(Askable, o => adapter.Serve(backend, o) == o);
        if (backend is null || adapter.Serve(backend, asked) != asked)
        {
            return (true, "No backend of this provider can be asked for a completion.");
        }
        long start = time.GetTimestamp();
        UsageRecord record = Open(asked, backend);
        try
        {
            using HttpResponseMessage answer = await adapter.SendAsync(CallOf(backend, credential, asked, record.RequestId), cancellation);
            await answer.Content.LoadIntoBufferAsync(MostBytes, cancellation);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellation);
            record.Status = (int)answer.StatusCode;
            bool read = AnswerReader.TryRead(asked, body.AsSpan(body.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0), measure: false, out AnswerFacts facts);
            Bill(record, backend, read && facts.HasUsage ? facts.Usage : null);
            // Refused and limited accounts are another matter.
            bool ok = record.Status < 500 && (record.Status >= 300 || (read && facts.HasResult));
            return (ok, record.Status < 300 ? ok ? "It generates." : "Its answer holds no result." : $"It answers with {record.Status}.");
        }
        finally
        {
            record.DurationUs = record.UpstreamUs = (long)time.GetElapsedTime(start).TotalMicroseconds;
            await journal.AppendAsync(record);
            sink.Post(record);
        }
    }

    private UsageRecord Open(Operation asked, Backend backend)
    {
        DateTimeOffset now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return new UsageRecord
        {
            Id = id,
            RequestId = $"health-{id:N}",
            StartedAt = now,
            Operation = asked,
            Path = "health check",
            KeyId = KeyName,
            KeyName = KeyName,
            Admitted = true,
            Status = 502,
            Provider = backend.Provider.Name,
            BackendId = backend.Id,
            UpstreamModel = backend.UpstreamModel,
            Usage = default,
        };
    }

    private void Bill(UsageRecord record, Backend backend, Usage? usage)
    {
        record.Usage = usage ?? default;
        ModelPrice? price = usage is null ? null : catalog.Current.Prices.Find(backend.UpstreamModel, backend.Provider, record.StartedAt);
        record.Cost = CostCalculator.Cost(record.Usage, price);
        record.PriceVersion = price?.Version;
    }

    private static UpstreamCall CallOf(Backend backend, CredentialDefinition? credential, Operation asked, string requestId) => new()
    {
        Backend = backend,
        Credential = credential,
        Operation = asked,
        Body = new SplicedBody(BodyOf(asked, backend.UpstreamModel), [], 0),
        Stream = false,
        RequestId = requestId,
    };

    private static byte[] BodyOf(Operation asked, string model)
    {
        string name = JsonEncodedText.Encode(model).ToString();
        return Encoding.UTF8.GetBytes(asked == Operation.GenerateContent
            ? """{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"maxOutputTokens":1}}"""
            : $$"""{"model":"{{name}}","max_tokens":1,"messages":[{"role":"user","content":"Hi"}]}""");
    }
}
