using System.Text.RegularExpressions;
using Gateway.Core.Catalog;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>The very request that was sent, as code that sends it again: plain HTTP, so that nothing of it is left to a library.</summary>
internal static partial class RequestCode
{
    private const string Key = "GATEWAY_API_KEY";

    /// <param name="baseUrl">Of the gateway, without a trailing slash.</param>
    /// <param name="events">The value of <c>x-gateway-events</c>; null for none.</param>
    public static IReadOnlyList<Snippet> Of(WireRequest request, string baseUrl, string? events = null)
    {
        string url = baseUrl + request.Path;
        string json = LongData.Shorten(request.Json);
        (string Name, string Value)[] headers =
        [
            .. KeyHeaders(request.Wire),
            ("Content-Type", "application/json"),
            .. events is null ? ((string, string)[])[] : [("x-gateway-events", events)],
        ];
        bool streams = request.Stream || events is not null;
        return [Curl(url, json, headers, streams), Python(url, json, headers, streams), TypeScript(url, json, headers, streams), CSharp(url, json, headers, streams)];
    }

    private static (string, string)[] KeyHeaders(Wire wire) => wire switch
    {
        Wire.AnthropicMessages => [("x-api-key", "$KEY"), ("anthropic-version", "2023-06-01")],
        Wire.Gemini => [("x-goog-api-key", "$KEY")],
        _ => [("Authorization", "Bearer $KEY")],
    };

    private static Snippet Curl(string url, string json, (string Name, string Value)[] headers, bool streams) => new("curl", $"""
        curl {(streams ? "-N " : "")}'{url}' \
        {string.Join("\n", headers.Select(h => $"  -H \"{h.Name}: {h.Value.Replace("$KEY", "$" + Key, StringComparison.Ordinal)}\" \\"))}
          --data-binary @- <<'JSON'
        {json}
        JSON
        """);

    private static Snippet Python(string url, string json, (string Name, string Value)[] headers, bool streams) => new("Python", $$""""
        import json, os
        import httpx

        key = os.environ["{{Key}}"]
        headers = {
        {{string.Join("\n", headers.Select(h => $"    \"{h.Name}\": {(h.Value.Contains("$KEY", StringComparison.Ordinal) ? $"f\"{h.Value.Replace("$KEY", "{key}", StringComparison.Ordinal)}\"" : $"\"{h.Value}\"")},"))}}
        }
        body = json.loads(r"""
        {{json.Replace("\"\"\"", "\\u0022\\u0022\\u0022", StringComparison.Ordinal)}}
        """)
        {{(streams
            ? $"with httpx.stream(\"POST\", \"{url}\", headers=headers, json=body, timeout=600) as answer:\n    for line in answer.iter_lines():\n        print(line)"
            : $"answer = httpx.post(\"{url}\", headers=headers, json=body, timeout=600)\nprint(answer.json())")}}
        """");

    private static Snippet TypeScript(string url, string json, (string Name, string Value)[] headers, bool streams) => new("TypeScript", $$"""
        const body = {{json}};

        const answer = await fetch('{{url}}', {
          method: 'POST',
          headers: {
        {{string.Join("\n", headers.Select(h => $"    '{h.Name}': `{h.Value.Replace("$KEY", "${process.env." + Key + "}", StringComparison.Ordinal)}`,"))}}
          },
          body: JSON.stringify(body),
        });
        {{(streams
            ? "for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {\n  process.stdout.write(piece);\n}"
            : "console.log(await answer.json());")}}
        """);

    private static Snippet CSharp(string url, string json, (string Name, string Value)[] headers, bool streams)
    {
        // As many quotes as no run in the text has.
        string quotes = new('"', Math.Max(3, Quotes().Matches(json).Select(m => m.Length).DefaultIfEmpty(0).Max() + 1));
        return new Snippet("C#", $$"""
            using System.Text;

            string key = Environment.GetEnvironmentVariable("{{Key}}")!;
            using HttpClient client = new() { Timeout = TimeSpan.FromMinutes(10) };
            using HttpRequestMessage request = new(HttpMethod.Post, "{{url}}");
            {{string.Join("\n", headers.Where(h => h.Name != "Content-Type").Select(h => $"request.Headers.TryAddWithoutValidation(\"{h.Name}\", {(h.Value.Contains("$KEY", StringComparison.Ordinal) ? $"$\"{h.Value.Replace("$KEY", "{key}", StringComparison.Ordinal)}\"" : $"\"{h.Value}\"")});"))}}
            request.Content = new StringContent({{quotes}}
            {{json}}
            {{quotes}}, Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await client.SendAsync(request{{(streams ? ", HttpCompletionOption.ResponseHeadersRead" : "")}});
            {{(streams
                ? "using StreamReader reader = new(await answer.Content.ReadAsStreamAsync());\nwhile (await reader.ReadLineAsync() is { } line)\n{\n    Console.WriteLine(line);\n}"
                : "Console.WriteLine(await answer.Content.ReadAsStringAsync());")}}
            """);
    }

    [GeneratedRegex("\"+")]
    private static partial Regex Quotes();
}
