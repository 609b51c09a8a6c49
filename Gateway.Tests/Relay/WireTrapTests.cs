using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

/// <summary>
/// What real providers send and a relay gets wrong, a file for each under Fixtures: facts, what the upstream sends, and what
/// the client must get to the byte; <c>same</c> is the same but for the model's name, <c>?</c> is any error envelope.
/// </summary>
public sealed class WireTrapTests
{
    private static readonly string Directory = RepositoryRoot.File("Gateway.Tests", "Relay", "Fixtures");

    public static TheoryData<string, int> Fixtures
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string file in System.IO.Directory.GetFiles(Directory, "*.txt").Order(StringComparer.Ordinal))
            {
                foreach (int pieceBytes in new[] { 1, 7, 4096 })
                {
                    data.Add(Path.GetFileNameWithoutExtension(file), pieceBytes);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Relay_WhatARealProviderSends_ReachesTheClientAsItShould(string name, int pieceBytes)
    {
        Fixture fixture = Fixture.Read(name);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => ServeAsync(c, fixture, pieceBytes));
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogOver(upstream.Url, fixture.Fact("kind")));

        using HttpResponseMessage response = await gateway.PostAsync(
            fixture.Fact("body") ?? TestGateway.Body(fixture.Fact("request") ?? ""), fixture.Fact("path") ?? "/v1/chat/completions");
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        ((int)response.StatusCode).ShouldBe(int.Parse(fixture.Fact("answers") ?? "200", null), text);
        if (fixture.Client == "?\n")
        {
            CheckError(text);
        }
        else
        {
            string expected = fixture.Client == "same\n" ? fixture.Upstream.Replace("real-model", "m", StringComparison.Ordinal) : fixture.Client;
            // A document ends where it ends; the line break at the file's end is the file's. The time is nobody's.
            Timeless(text).TrimEnd('\n', '\r').ShouldBe(Timeless(expected).TrimEnd('\n', '\r'));
        }
        if (fixture.Fact("header") is { } header)
        {
            string[] parts = header.Split(": ", 2);
            response.Headers.GetValues(parts[0]).ShouldBe([parts[1]]);
        }
        CheckRecord(fixture, await gateway.NextRecordAsync());
    }

    private static CatalogDefinition CatalogOver(Uri url, string? kind)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return kind is not null && ProviderKinds.TryParse(kind, out ProviderKind known) ? catalog with { Providers = [catalog.Providers[0] with { Kind = known }] } : catalog;
    }

    private static string Timeless(string text) => Regex.Replace(text, "\"created_at\":[0-9]+", "\"created_at\":0");

    private static void CheckError(string text)
    {
        string last = text.TrimEnd().Split("data: ")[^1];
        JsonNode error = JsonNode.Parse(last)!["error"].ShouldNotBeNull(text);
        error["message"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        text.ShouldNotContain("[DONE]");
        text.ShouldNotContain("message_stop");
    }

    private static void CheckRecord(Fixture fixture, UsageRecord record)
    {
        record.ErrorKind.ShouldBe(fixture.Fact("error"));
        record.FinishReason.ShouldBe(fixture.Fact("finish"));
        switch (fixture.Fact("usage")!)
        {
            case "none":
                record.Usage.ShouldBe(default);
                break;
            case "estimated":
                record.Usage.Source.ShouldBe(UsageSource.Estimated);
                record.Usage.OutputTokens.ShouldBeGreaterThan(0);
                break;
            case var counts:
                UsageSource source = counts.StartsWith("estimated ", StringComparison.Ordinal) ? UsageSource.Estimated : UsageSource.Reported;
                long[] n = [.. counts.Replace("estimated ", "", StringComparison.Ordinal).Split(' ').Select(c => long.Parse(c, null))];
                record.Usage.ShouldBe(new Usage(source, n[0], n[1], n.Length > 4 ? n[4] : 0, n[2], n[3]) { LongCacheWriteTokens = n.Length > 5 ? n[5] : 0 });
                break;
        }
    }

    private static async Task ServeAsync(UpstreamConnection connection, Fixture fixture, int pieceBytes)
    {
        bool stream = (fixture.Fact("request") ?? fixture.Fact("body"))?.Contains("\"stream\":true", StringComparison.Ordinal) ?? false;
        stream |= fixture.Fact("path")?.Contains(":stream", StringComparison.Ordinal) ?? false;
        string type = fixture.Fact("type") ?? (stream && fixture.Fact("status") is null ? "text/event-stream" : "application/json");
        string header = fixture.Fact("header") is { } more ? more + "\r\n" : "";
        await connection.RawAsync($"HTTP/1.1 {fixture.Fact("status") ?? "200"} X\r\nContent-Type: {type}\r\n{header}Transfer-Encoding: chunked\r\n\r\n");
        byte[] bytes = Encoding.UTF8.GetBytes(fixture.Upstream);
        for (int at = 0; at < bytes.Length; at += pieceBytes)
        {
            await connection.ChunkAsync(bytes.AsMemory(at, Math.Min(pieceBytes, bytes.Length - at)));
        }
        await connection.EndAsync();
    }

    private sealed record Fixture(IReadOnlyDictionary<string, string> Facts, string Upstream, string Client)
    {
        public static Fixture Read(string name)
        {
            string text = File.ReadAllText(Path.Combine(Directory, name + ".txt"));
            string[] parts = text.Split(["--- upstream\n", "--- client\n"], StringSplitOptions.None);
            Dictionary<string, string> facts = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1]);
            bool crlf = facts.GetValueOrDefault("lines") == "crlf";
            return new Fixture(facts, crlf ? parts[1].ReplaceLineEndings("\r\n") : parts[1], crlf && parts[2].Contains('{') ? parts[2].ReplaceLineEndings("\r\n") : parts[2]);
        }

        public string? Fact(string name) => Facts.GetValueOrDefault(name);
    }
}
