using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Transcoding;

/// <summary>Every recorded answer, in every other wire: text, calls, finish reason and usage mean the same, or the report names the loss.</summary>
public sealed class AnswerPairsTests(ITestOutputHelper output)
{
    public static TheoryData<Wire, Wire> Pairs()
    {
        var pairs = new TheoryData<Wire, Wire>();
        foreach (Wire from in RecordedWire.All)
        {
            foreach (Wire to in RecordedWire.All.Where(t => t != from))
            {
                pairs.Add(from, to);
            }
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Response_OfEveryRecording_MeansTheSame(Wire from, Wire to)
    {
        var findings = new Findings("answer", from, to);
        foreach (RecordedExchange exchange in RecordedWire.Answers(from, stream: false))
        {
            try
            {
                int candidates = CandidatesOf(to);
                GenerationResponse original = Transcoder.ReadResponse(from, exchange.Response).Value;
                ConversionReport<JsonElement> report = Transcoder.Response(from, to, exchange.Response, ContextOf(exchange, from));
                GenerationResponse arrived = Transcoder.ReadResponse(to, Encoding.UTF8.GetBytes(report.Value.GetRawText())).Value;
                findings.Add(exchange.Id, Meaning.Of(original, candidates), Meaning.Of(arrived, candidates), report.Reasons);
            }
            catch (Exception e)
            {
                findings.Fail(exchange.Id, e);
            }
        }
        findings.Check(output);
    }
    [Theory]
    [MemberData(nameof(Pairs))]
    public void Stream_OfEveryRecording_MeansTheSame(Wire from, Wire to)
    {
        var findings = new Findings("answer", from, to);
        foreach (RecordedExchange exchange in RecordedWire.Answers(from, stream: true))
        {
            try
            {
                int candidates = CandidatesOf(to);
                GenerationResponse original = Collect(from, exchange.Response, exchange.Id);
                StreamTranscoder transcoder = Transcoder.Stream(from, to, ContextOf(exchange, from));
                var bytes = new ArrayBufferWriter<byte>();
                foreach (byte[] piece in exchange.Response.Chunk(997))
                {
                    transcoder.Write(piece, bytes);
                }
                transcoder.Complete(bytes);
                transcoder.Ended.ShouldBeTrue();
                GenerationResponse arrived = Collect(to, bytes.WrittenSpan, Encoding.UTF8.GetString(bytes.WrittenSpan));
                findings.Add(exchange.Id, Meaning.Of(original, candidates), Meaning.Of(arrived, candidates), transcoder.Report.Reasons);
            }
            catch (Exception e)
            {
                findings.Fail(exchange.Id, e);
            }
        }
        findings.Check(output);
    }

    private static GenerationResponse Collect(Wire wire, ReadOnlySpan<byte> bytes, string id)
    {
        IGenerationCodec codec = RecordedWire.Codec(wire);
        StreamFraming framing = codec.CreateFraming();
        StreamDecoder decoder = codec.CreateDecoder(new ConversionNotes());
        var collector = new StreamCollector(wire);
        var events = new List<StreamEvent>();
        while (framing.TryRead(bytes, end: true, out StreamFrame frame))
        {
            if (!frame.Data.IsEmpty)
            {
                decoder.Read(frame.EventName, frame.Data, events);
            }
            bytes = bytes[frame.Length..];
        }
        decoder.Complete(events);
        events.ForEach(e => collector.Add(e));
        collector.Ended.ShouldBeTrue(id);
        return collector.ToResponse();
    }

    private static ResponseContext ContextOf(RecordedExchange exchange, Wire from) => new()
    {
        Model = "alias",
        CallId = Guid.Parse("019ac000-0000-7000-8000-000000000001"),
        Now = DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = exchange.Model ?? "m", Messages = [], Stream = exchange.Stream, IncludeUsage = true },
        Origin = from,
    };

    private static int CandidatesOf(Wire wire) => wire is Wire.OpenAIChat or Wire.Gemini ? int.MaxValue : 1;
}
