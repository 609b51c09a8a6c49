using System.Text;
using Gateway.Tests.Hosting;

namespace Gateway.Tests.Corpus;

/// <summary>Serves one recorded answer to whatever is asked, streams in pieces of a chosen size.</summary>
internal sealed class ReplayUpstream : IAsyncDisposable
{
    private readonly ScriptedUpstream _upstream;

    public ReplayUpstream() => _upstream = ScriptedUpstream.Start(ServeAsync);

    public Uri Url => _upstream.Url;

    public RecordedExchange? Current { get; set; }

    public int PieceBytes { get; init; } = 4096;

    /// <summary>The last request's body.</summary>
    public string? Seen => _upstream.Seen.LastOrDefault()?.Body;
    public byte[]? SeenBytes => _upstream.Seen.LastOrDefault()?.Bytes;

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private async Task ServeAsync(UpstreamConnection connection)
    {
        RecordedExchange exchange = Current!;
        var head = new StringBuilder($"HTTP/1.1 {exchange.Status} Recorded\r\n");
        bool typed = false;
        foreach ((string name, string value) in exchange.Headers)
        {
            // Of the framing, only what is true here.
            if (name.ToLowerInvariant() is not ("content-length" or "transfer-encoding" or "content-encoding" or "connection"))
            {
                head.Append(name).Append(": ").Append(value.ReplaceLineEndings(" ")).Append("\r\n");
                typed |= name.Equals("content-type", StringComparison.OrdinalIgnoreCase);
            }
        }
        if (!typed)
        {
            head.Append("content-type: ").Append(exchange.Stream ? "text/event-stream" : "application/json").Append("\r\n");
        }
        await connection.RawAsync(head.Append("Transfer-Encoding: chunked\r\n\r\n").ToString());
        for (int at = 0; at < exchange.Response.Length; at += PieceBytes)
        {
            await connection.ChunkAsync(exchange.Response.AsMemory(at, Math.Min(PieceBytes, exchange.Response.Length - at)));
        }
        await connection.EndAsync();
    }
}
