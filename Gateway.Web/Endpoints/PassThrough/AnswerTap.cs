using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Forwarding;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>
/// Counts an answer's bytes, keeps the beginning of a JSON document to see what was made and what it used, and closes the
/// accounts before the last byte where its length is known. The credential that was sent does not come through.
/// </summary>
internal sealed class AnswerTap(Stream inner, PassThroughCall call, HttpResponse response) : PassingStream(inner)
{
    // Descriptions of resources are small; lists and file contents are not worth keeping.
    private const int MostKept = 65_536;

    private readonly SecretVeil? _veil = SecretVeil.Of(call.Credential);
    private MemoryStream? _kept = new();
    private bool _begun;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_begun)
        {
            _begun = true;
            bool json = response.StatusCode is >= 200 and < 300 && response.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;
            _kept = json ? _kept : null;
        }
        if (_kept is not null)
        {
            if (_kept.Length + buffer.Length <= MostKept)
            {
                _kept.Write(buffer.Span);
            }
            else
            {
                _kept = null;
            }
        }
        call.Record.ResponseBytes += buffer.Length;
        bool last = call.Record.ResponseBytes == response.ContentLength;
        if (last)
        {
            FindResources();
            await call.EndAsync(response.StatusCode);
        }
        await Inner.WriteAsync(_veil?.Cover(buffer, last) ?? buffer, cancellationToken);
    }

    /// <summary>What was held back because it might have been the beginning of the credential.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_veil?.Cover(default, last: true) is { Length: > 0 } rest)
        {
            await Inner.WriteAsync(rest, cancellationToken);
        }
    }

    /// <summary>Reads what was kept; a second call does nothing.</summary>
    public void FindResources()
    {
        if (_kept is { Length: > 0 } kept && ResourceAnswer.TryRead(kept.GetBuffer().AsSpan(0, (int)kept.Length), call.Provider.Kind == ProviderKind.Gemini, out IReadOnlyList<string> ids, out Usage? usage))
        {
            foreach (string id in ids)
            {
                call.Own(id);
            }
            if (usage is { } reported)
            {
                call.Report(reported);
            }
        }
        _kept = null;
    }
}
