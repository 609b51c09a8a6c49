using System.Text;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay.Uploads;

/// <summary>Makes a form for one backend out of the client's: names the model, leaves the extensions out, and nothing else.</summary>
internal static class MultipartSplicer
{
    public static SplicedBody Splice(RequestEnvelope envelope, Backend backend)
    {
        MultipartForm form = envelope.Form!;
        var edits = new Edit[envelope.Removals.Count + 1];
        int count = 0;
        foreach (Slice removal in envelope.Removals)
        {
            edits[count++] = new Edit(removal, default);
        }
        edits[count++] = envelope.ModelValue.Exists
            ? new Edit(envelope.ModelValue, Encoding.UTF8.GetBytes(backend.UpstreamModel))
            : new Edit(new Slice(form.FirstPart, 0), ModelPart(form, backend));
        Array.Sort(edits, static (a, b) => a.At.Start != b.At.Start ? a.At.Start.CompareTo(b.At.Start) : a.At.Length.CompareTo(b.At.Length));
        return new SplicedBody(envelope.Body, edits, count);
    }

    private static byte[] ModelPart(MultipartForm form, Backend backend) =>
    [
        .. "--"u8, .. form.Boundary, .. "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"u8,
        .. Encoding.UTF8.GetBytes(backend.UpstreamModel), .. "\r\n"u8,
    ];
}
