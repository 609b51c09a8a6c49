using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Core.Library;

/// <summary>One call of a <see cref="GatewayClient"/> on its way; settles the budget when it is disposed, whatever became of it.</summary>
internal sealed class PendingCall : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _cancellation;
    private readonly InProcessCall _call;
    private readonly MoneyBudget? _budget;
    private readonly NanoUsd _reserved;
    private string? _error;

    public PendingCall(Func<CancellationToken, InProcessCall> start, MoneyBudget? budget, NanoUsd reserved, CancellationToken cancellation)
    {
        (_budget, _reserved, _cancellation) = (budget, reserved, cancellation);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _call = start(_stop.Token);
    }

    public Task<int> StatusAsync() => _call.Status;

    public async Task<ReadOnlySequence<byte>> ReadAllAsync()
    {
        while (true)
        {
            ReadResult read = await _call.Body.ReadAsync(CancellationToken.None);
            if (read.IsCompleted)
            {
                return read.Buffer;
            }
            _call.Body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Adds what has come since; true at the end of the stream.</summary>
    public async Task<bool> ReadEventsAsync(StreamFraming framing, StreamDecoder decoder, List<StreamEvent> events)
    {
        ReadResult read = await _call.Body.ReadAsync(CancellationToken.None);
        byte[] bytes = read.Buffer.ToArray();
        int taken = 0;
        try
        {
            while (framing.TryRead(bytes.AsSpan(taken), read.IsCompleted, out StreamFrame frame))
            {
                taken += frame.Length;
                if (!frame.Data.IsEmpty)
                {
                    decoder.Read(frame.EventName, frame.Data, events);
                }
            }
            if (read.IsCompleted)
            {
                decoder.Complete(events);
            }
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException)
        {
            _error = "The upstream's stream cannot be read: " + e.Message;
            return true;
        }
        _call.Body.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.End);
        return read.IsCompleted;
    }

    /// <summary>Waits for the books; what went wrong, or null.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<Exception?> EndAsync()
    {
        if (_error is not null)
        {
            return new GatewayCallException(GatewayErrorKind.UpstreamInvalidResponse, 502, _error);
        }
        UsageRecord record = await _call.Completed;
        _cancellation.ThrowIfCancellationRequested();
        GatewayErrorKind kind = Enum.GetValues<GatewayErrorKind>().FirstOrDefault(k => k.ToName() == record.ErrorKind);
        return record.ErrorKind is null ? null : new GatewayCallException(kind, record.Status, record.ErrorMessage ?? record.ErrorKind);
    }

    public async ValueTask DisposeAsync()
    {
        // A caller who left the loop early wants no more of it; of a call that is over this stops nothing.
        await _stop.CancelAsync();
        await _call.Body.CompleteAsync();
        UsageRecord record = await _call.Completed;
        _budget?.Settle(_reserved, record.Cost ?? (record.ErrorKind is null ? _reserved : NanoUsd.Zero));
        _stop.Dispose();
    }
}
