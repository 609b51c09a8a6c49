using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers;
using Gateway.Tests.Corpus;
using Xunit;

namespace Gateway.Tests.Transcoding;

/// <summary>Every recorded request that was accepted, in every other wire: the conversation means the same, or the report names the loss.</summary>
public sealed class RequestPairsTests(ITestOutputHelper output)
{
    public static TheoryData<Wire, Wire> Pairs() => AnswerPairsTests.Pairs();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Request_OfEveryRecording_MeansTheSame(Wire from, Wire to)
    {
        var findings = new Findings("request", from, to);
        foreach (RecordedExchange exchange in RecordedWire.Read(from).Where(e => e.Status is >= 200 and < 300 && e.Request is not null))
        {
            try
            {
                byte[] body = Encoding.UTF8.GetBytes(exchange.Request!);
                RequestLine line = RecordedWire.LineOf(exchange);
                GenerationRequest original = Transcoder.ReadRequest(from, body, line).Value;
                ConversionReport<JsonElement> report = Transcoder.Request(from, to, body, line);
                GenerationRequest arrived = Transcoder.ReadRequest(to, Encoding.UTF8.GetBytes(report.Value.GetRawText()), line).Value;
                (string Expected, string Arrived) found = RequestMeaning.Compare(original, arrived, report.Reasons) ?? ("", "");
                findings.Add(exchange.Id, found.Expected, found.Arrived, report.Reasons);
            }
            catch (Exception e)
            {
                findings.Fail(exchange.Id, e);
            }
        }
        findings.Check(output);
    }
}
