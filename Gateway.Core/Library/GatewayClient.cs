using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Core.Library;

/// <summary>A gateway in this process, made by <see cref="GatewayBuilder"/>. Safe for concurrent use.</summary>
public sealed class GatewayClient
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly GatewayPipeline _pipeline;
    private readonly CatalogSnapshot _snapshot;
    private readonly Provider _provider;
    private readonly IGenerationCodec _codec;
    private readonly GatewayOptions _options;
    private readonly MoneyBudget? _budget;
    private readonly TimeProvider _time;
    private readonly ApiKey _key;

    internal GatewayClient(
        GatewayPipeline pipeline, CatalogSnapshot snapshot, Provider provider, IGenerationCodec codec, GatewayOptions options, MoneyBudget? budget, TimeProvider time)
    {
        (_pipeline, _snapshot, _provider, _codec, _options, _budget, _time) = (pipeline, snapshot, provider, codec, options, budget, time);
        _key = snapshot.Keys.Values[0];
    }

    /// <summary>What is left of the budget, in US dollars; null where there is none.</summary>
    public decimal? BudgetRemaining => _budget?.Remaining.ToDollars();

    /// <summary>How the keys stand, in the order in which they were added.</summary>
    public IReadOnlyList<KeyStatus> PoolStatus() =>
        [.. CredentialStatus.Of(_provider, _time).Select(s => new KeyStatus(s.Label, s.Available, s.InFlight, s.TokensInFlight, s.TpmLimit, s.RpmLimit))];

    /// <summary>Calls and waits for the whole answer. <see cref="GenerationRequest.Stream"/> is ignored.</summary>
    /// <exception cref="GatewayCallException">It failed; the kind says how.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the upstream is told at once.</exception>
    public async Task<GenerationResponse> CallAsync(GenerationRequest request, CancellationToken cancellation)
    {
        await using PendingCall call = Begin(request with { Stream = false }, cancellation);
        ReadOnlySequence<byte> body = await call.ReadAllAsync();
        if (await call.EndAsync() is { } error)
        {
            throw error;
        }
        return _codec.ReadResponse(JsonFields.Parse(body.ToArray()), new ConversionNotes());
    }

    /// <summary>Calls and passes the answer on as it comes; ends with <see cref="StreamEventKind.End"/>. Leave the loop early to cancel the call.</summary>
    /// <exception cref="GatewayCallException">It failed, before or within the answer; events that came before stay true.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the upstream is told at once.</exception>
    public async IAsyncEnumerable<StreamEvent> StreamAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using PendingCall call = Begin(request with { Stream = true, IncludeUsage = true }, cancellation);
        StreamFraming framing = _codec.CreateFraming();
        StreamDecoder decoder = _codec.CreateDecoder(new ConversionNotes());
        List<StreamEvent> events = [];
        bool end = await call.StatusAsync() != 200;
        while (!end)
        {
            end = await call.ReadEventsAsync(framing, decoder, events);
            foreach (StreamEvent next in events)
            {
                // An error is told by the exception, which names its kind.
                if (next.Kind != StreamEventKind.Error)
                {
                    yield return next;
                }
            }
            events.Clear();
        }
        if (await call.EndAsync() is { } error)
        {
            throw error;
        }
    }

    private PendingCall Begin(GenerationRequest request, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body, Plain))
        {
            _codec.WriteRequest(request, writer, new ConversionNotes());
        }
        Operation operation = _codec.Wire.ToOperation();
        NanoUsd reserved = Reserve(request, operation, body.WrittenSpan);
        bool inPath = operation is Operation.GenerateContent or Operation.Converse;
        return new PendingCall(
            c => InProcessCall.Start(_pipeline, _key, operation, body.WrittenMemory, c, inPath ? request.Model : null, inPath && request.Stream), _budget, reserved, cancellation);
    }

    // What the call can cost at most, as far as that is known: input as estimated, output up to its limit.
    private NanoUsd Reserve(GenerationRequest request, Operation operation, ReadOnlySpan<byte> body)
    {
        if (_budget is null)
        {
            return NanoUsd.Zero;
        }
        ModelPrice price = _snapshot.Prices.Find(request.Model, _provider, _time.GetUtcNow()) ?? throw new GatewayCallException(
            GatewayErrorKind.InvalidRequest, 400, $"There is no price for the model '{request.Model}', so that the budget could not hold. Add one by WithPrice.");
        long output = request.Sampling.MaxOutputTokens ?? _options.AssumedOutputTokens;
        var most = new Usage(UsageSource.Estimated, TokenEstimator.EstimateInput(operation, body).Tokens, 0, 0, output * Math.Max(request.Sampling.Choices ?? 1, 1), 0);
        NanoUsd cost = CostCalculator.Cost(most, price) ?? NanoUsd.Zero;
        return _budget.TryReserve(cost) ? cost : throw new GatewayCallException(
            GatewayErrorKind.BudgetExhausted, 429, $"The budget has {_budget.Remaining} USD left, and this call may cost {cost}.");
    }
}
