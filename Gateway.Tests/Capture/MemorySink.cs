using System.Collections.Concurrent;
using Gateway.Core.Capture;

namespace Gateway.Tests.Capture;

/// <summary>Keeps captured calls in memory.</summary>
internal sealed class MemorySink : ICaptureSink
{
    public ConcurrentQueue<CapturedCall> Calls { get; } = [];
    public bool HasRoom { get; set; } = true;

    public bool TryReserve() => HasRoom;

    public void Post(CapturedCall call) => Calls.Enqueue(call);
}
