// <example>
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Library;
using Gateway.Providers;
// </example>
using Shouldly;
using Xunit;

namespace Gateway.Tests.Library;

/// <summary>The example of docs/library.md: compiled, run, and the same there to the letter.</summary>
public class LibraryExampleTests
{
    [Fact]
    public async Task Example_AgainstTheSimulatedProvider_CallsStreamsAndCounts()
    {
        var output = new StringWriter();
        await RunAsync(ProviderEndpoint.Simulated(), output, TestContext.Current.CancellationToken);

        string[] lines = output.ToString().Split('\n');
        lines[0].ShouldNotBeEmpty();
        // Simulated answers cost nothing.
        output.ToString().ShouldContain("left of the budget: 50.000000 USD");
        output.ToString().ShouldContain("prod-1: available=True, 0 in flight");
    }

    [Fact]
    public void Document_HoldsTheExampleAsItIs()
    {
        string document = File.ReadAllText(RepositoryRoot.File("docs", "library.md"));
        string source = File.ReadAllText(RepositoryRoot.File("Gateway.Tests", "Library", "LibraryExampleTests.cs"));
        string[] pieces = [.. source.Split("// <example>\n").Skip(1).Select(p => Unindented(p[..p.IndexOf("// </example>", StringComparison.Ordinal)]))];

        pieces.Length.ShouldBe(2);
        foreach (string piece in pieces)
        {
            document.ShouldContain(piece);
        }
    }

    private static async Task RunAsync(ProviderEndpoint endpoint, TextWriter console, CancellationToken cancellation)
    {
        // <example>
        GatewayClient gateway = endpoint.CreateGateway()
            .AddKey("sk-key-1", "prod-1", rpmLimit: 500, tpmLimit: 90_000)
            .AddKey("sk-key-2", "prod-2")
            .WithBudgetUsd(50m)
            .WithTimeouts(total: TimeSpan.FromMinutes(2))
            .Build();

        var request = new GenerationRequest
        {
            Model = "gpt-4.1-mini",
            Instructions = [new TextPart("Answer concisely.")],
            Messages = [new Message(Role.User, [new TextPart("Hello!")])],
            Sampling = new Sampling { MaxOutputTokens = 256 },
        };

        GenerationResponse answer = await gateway.CallAsync(request, cancellation);
        console.WriteLine(answer.ContentText);

        await foreach (StreamEvent next in gateway.StreamAsync(request, cancellation))
        {
            if (next is { Kind: StreamEventKind.Delta, PartKind: PartKind.Text })
            {
                console.Write(next.Text);
            }
        }

        foreach (KeyStatus key in gateway.PoolStatus())
        {
            console.WriteLine($"{key.Label}: available={key.Available}, {key.InFlight} in flight, {key.TpmInFlight} of {key.TpmLimit} tokens");
        }
        console.WriteLine($"left of the budget: {gateway.BudgetRemaining:0.000000} USD");
        // </example>
    }

    private static string Unindented(string text)
    {
        string[] lines = text.TrimEnd().Split('\n');
        int indent = lines.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length > indent ? l[indent..] : l.TrimStart()));
    }
}
