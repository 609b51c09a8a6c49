using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Gateway.Web.Cluster.Redis;

/// <summary>
/// One connection from its opening to its end. Any number of callers send commands; they are written in the order of their
/// coming and share writes, and replies are matched to them in that order. When the connection ends, for whatever reason, all
/// that wait are told so.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const int MostPending = 4096;
    private const int MostBytesAWrite = 64 * 1024;

    // Read by whoever closes the connection, too, while the loop that writes still reads.
    private readonly Channel<PendingReply> _outgoing = Channel.CreateUnbounded<PendingReply>();
    private readonly ConcurrentQueue<PendingReply> _awaited = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TimeSpan _patience;
    private readonly Action<RedisReply>? _pushed;
    private readonly TimeProvider _time;
    private Task _loops = Task.CompletedTask;
    private long _receivedAt;
    private int _pending;
    private int _isClosed;

    /// <param name="patience">Longest silence while a reply is due; then the connection is given up.</param>
    /// <param name="pushed">Is handed the messages of channels that were subscribed to.</param>
    public RedisConnection(Socket socket, Stream stream, TimeSpan patience, Action<RedisReply>? pushed, TimeProvider time)
    {
        _socket = socket;
        _stream = stream;
        _patience = patience;
        _pushed = pushed;
        _time = time;
        _receivedAt = time.GetTimestamp();
    }

    /// <summary>Completes when the connection is of no more use.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Why it was closed; empty while it is open.</summary>
    public string Reason { get; private set; } = "";

    public void Start() => _loops = Task.WhenAll(RunAsync(WriteAsync), RunAsync(ReadAsync), RunAsync(WatchAsync));

    /// <summary>Never throws, and never waits for longer than the connection's patience allows (see <see cref="WatchAsync"/>).</summary>
    public Task<RedisReply> SendAsync(RespCommand command)
    {
        var pending = new PendingReply(command.ToBytes());
        if (Interlocked.Increment(ref _pending) > MostPending || !_outgoing.Writer.TryWrite(pending))
        {
            Interlocked.Decrement(ref _pending);
            return Task.FromResult(RedisReply.NoAnswer(_closed.Task.IsCompleted ? Reason : "too many commands are waiting"));
        }
        return pending.Reply;
    }

    public void Close(string reason)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            Reason = reason;
            _outgoing.Writer.TryComplete();
            try
            {
                _stream.Dispose();
                _socket.Dispose();
            }
            finally
            {
                FailAll();
                _closed.TrySetResult();
            }
        }
    }

    /// <summary>Throws what ended a loop when nobody could expect it, such as what a receiver of messages threw.</summary>
    public async ValueTask DisposeAsync()
    {
        Close("the gateway closed it");
        await _loops;
    }

    // Whatever ends one of the loops ends the connection: the others would go on without it, and callers wait for ever.
    private async Task RunAsync(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        catch (Exception e)
        {
            Close("the connection broke");
            if (!IsOfTheNetwork(e))
            {
                throw;
            }
        }
        finally
        {
            FailAll();
        }
    }

    private async Task WriteAsync()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        while (await _outgoing.Reader.WaitToReadAsync())
        {
            buffer.ResetWrittenCount();
            while (buffer.WrittenCount < MostBytesAWrite && _outgoing.Reader.TryRead(out PendingReply? next))
            {
                next.WrittenAt = _time.GetTimestamp();
                _awaited.Enqueue(next);
                buffer.Write(next.Command.Span);
            }
            if (Volatile.Read(ref _isClosed) != 0)
            {
                // Closed between the taking and the queueing.
                return;
            }
            await _stream.WriteAsync(buffer.WrittenMemory);
        }
    }

    private async Task ReadAsync()
    {
        PipeReader reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync();
                Volatile.Write(ref _receivedAt, _time.GetTimestamp());
                ReadOnlySequence<byte> buffer = read.Buffer;
                RespStatus status;
                while ((status = RespReader.Read(ref buffer, out RedisReply reply)) == RespStatus.Complete)
                {
                    if (!Deliver(reply))
                    {
                        status = RespStatus.Invalid;
                        break;
                    }
                }
                if (status == RespStatus.Invalid || read.IsCompleted)
                {
                    Close(status == RespStatus.Invalid ? "it answered something that is not RESP2" : "the server closed the connection");
                    return;
                }
                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private bool Deliver(in RedisReply reply)
    {
        if (_pushed is not null && reply.Items is [var kind, _, _] && kind.Bytes.AsSpan().SequenceEqual("message"u8))
        {
            _pushed(reply);
            return true;
        }
        if (!_awaited.TryDequeue(out PendingReply? pending))
        {
            return false;
        }
        Interlocked.Decrement(ref _pending);
        pending.Complete(reply);
        return true;
    }

    /// <summary>
    /// One timer instead of one for each command: what is judged is the server's silence, so that a burst of commands, or a
    /// pause of this process, is not taken for a server that hangs.
    /// </summary>
    private async Task WatchAsync()
    {
        TimeSpan interval = _patience / 4;
        long last = _time.GetTimestamp();
        while (Volatile.Read(ref _isClosed) == 0)
        {
            await Task.WhenAny(_closed.Task, Task.Delay(interval, _time));
            bool isLate = _time.GetElapsedTime(last) > 3 * interval;
            last = _time.GetTimestamp();
            if (!isLate && _awaited.TryPeek(out PendingReply? oldest) && IsOverdue(oldest) && HasNothingToRead())
            {
                Close("it does not answer");
            }
        }
    }

    private bool IsOverdue(PendingReply oldest)
    {
        TimeSpan age = _time.GetElapsedTime(oldest.WrittenAt);
        return age > _patience && (age > 3 * _patience || _time.GetElapsedTime(Volatile.Read(ref _receivedAt)) > _patience);
    }

    private bool HasNothingToRead()
    {
        try
        {
            return _socket.Available == 0;
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            return true;
        }
    }

    private void FailAll()
    {
        if (Volatile.Read(ref _isClosed) == 0)
        {
            return;
        }
        RedisReply none = RedisReply.NoAnswer(Reason);
        while (_awaited.TryDequeue(out PendingReply? pending) || _outgoing.Reader.TryRead(out pending))
        {
            pending.Complete(none);
        }
    }

    private static bool IsOfTheNetwork(Exception e) => e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
