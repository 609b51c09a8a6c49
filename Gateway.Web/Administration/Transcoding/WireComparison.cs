using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers;

namespace Gateway.Web.Administration.Transcoding;

/// <summary>Shows requests, answers and streams of one wire in every other, with what that costs. Sends nothing, keeps nothing.</summary>
internal static class WireComparison
{
    public const string Request = "request";
    public const string Answer = "answer";
    public const string Stream = "stream";

    private const string Placeholder = "model";
    private const int MostBytes = 1_048_576;

    public static IReadOnlyList<string> Kinds { get; } = [Request, Answer, Stream];

    public static AdministrationResult<TranscodeView> Run(TranscodeInput input)
    {
        var problems = new List<CatalogError>();
        if (!Wires.TryParse(input.From, out Wire from))
        {
            problems.Add(new CatalogError("from", $"One of {string.Join(", ", Wires.All.Select(w => w.ToName()))}."));
        }
        if (!Kinds.Contains(input.Kind))
        {
            problems.Add(new CatalogError("kind", $"One of {string.Join(", ", Kinds)}."));
        }
        List<Wire> targets = [];
        foreach (string? name in input.To ?? [.. Wires.All.Where(w => w != from).Select(w => w.ToName())])
        {
            if (Wires.TryParse(name, out Wire to))
            {
                targets.Add(to);
            }
            else
            {
                problems.Add(new CatalogError("to", $"There is no wire named \"{name}\"."));
            }
        }
        byte[]? content = Text(input.Content);
        if (content is null)
        {
            content = [];
            problems.Add(new CatalogError("content", "It holds half a character: a \\ud800 to \\udfff without the other half."));
        }
        else if (content.Length is 0 or > MostBytes || content.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            problems.Add(new CatalogError("content", content.Length > MostBytes ? $"At most {MostBytes} bytes." : $"Paste {(input.Kind == Answer ? "an answer" : $"a {input.Kind ?? Request}")}."));
        }
        if (problems.Count == 0 && Fault(input, from, content) is { } fault)
        {
            problems.Add(fault);
        }
        return problems.Count > 0
            ? AdministrationFailure.Invalid(problems)
            : new TranscodeView(from.ToName(), input.Kind!, [.. targets.Distinct().Select(to => Convert(input, from, to, content))]);
    }

    /// <summary>Null for a text that is none.</summary>
    private static byte[]? Text(JsonElement content)
    {
        try
        {
            return Encoding.UTF8.GetBytes(content.ValueKind switch
            {
                JsonValueKind.Undefined or JsonValueKind.Null => "",
                JsonValueKind.String => content.GetString()!,
                _ => content.GetRawText(),
            });
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with the content itself, in whichever wire it is to be written; null if it is one of its wire.</summary>
    private static CatalogError? Fault(TranscodeInput input, Wire from, byte[] content)
    {
        try
        {
            if (input.Kind == Stream)
            {
                return StreamText.Fault(from, content) is { } stumble ? new CatalogError("content", stumble) : null;
            }
            if (input.Kind == Request)
            {
                Transcoder.ReadRequest(from, content, Line(input, from));
            }
            else
            {
                Transcoder.ReadResponse(from, content);
            }
            return null;
        }
        catch (JsonException e)
        {
            return new CatalogError("content", $"It is not valid JSON at {JsonPlace.Of(e)}.");
        }
        catch (GenerationFormatException e)
        {
            string? place = e.Param is null ? null : JsonPlace.Find(content, e.Param);
            return new CatalogError("content", place is null ? e.Message : $"{e.Message} ({e.Param}, {place})");
        }
        catch (InvalidOperationException)
        {
            return new CatalogError("content", "It holds text that is not valid Unicode.");
        }
    }

    private static TranscodeResult Convert(TranscodeInput input, Wire from, Wire to, byte[] content)
    {
        try
        {
            switch (input.Kind)
            {
                case Stream:
                    ConversionReport<string> stream = StreamText.Convert(from, to, content);
                    return new TranscodeResult(to.ToName(), null, null, stream.Value, stream.Bridged, stream.Lossy, stream.Reasons, null);
                case Answer:
                    return Result(to, null, Transcoder.Response(from, to, content));
                default:
                    GenerationRequest request = Transcoder.ReadRequest(from, content, Line(input, from)).Value;
                    return Result(to, WirePath.Of(to, request.Model, request.Stream), Transcoder.Request(from, to, content, Line(input, from)));
            }
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException or InvalidOperationException)
        {
            return new TranscodeResult(to.ToName(), null, null, null, false, false, [], e is GenerationFormatException ? e.Message : "It cannot be written in this wire.");
        }
    }

    private static TranscodeResult Result(Wire to, string? path, ConversionReport<JsonElement> report) =>
        new(to.ToName(), path, report.Value, null, report.Bridged, report.Lossy, report.Reasons, null);

    private static RequestLine Line(TranscodeInput input, Wire from) => WirePath.HoldsModel(from)
        ? new RequestLine(string.IsNullOrWhiteSpace(input.Model) ? Placeholder : input.Model, input.Stream ?? false)
        : default;
}
