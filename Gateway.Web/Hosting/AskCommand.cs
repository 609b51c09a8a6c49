using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Gateway.Web.Hosting;

/// <summary>
/// The command <c>ask</c>: a small client of a running gateway. It shows an ordered summary as it comes: what was asked, how the model
/// reasoned, and the answer.
/// </summary>
internal sealed class AskCommand(HttpClient client, TextWriter output, TextWriter problems, TimeProvider time)
{
    /// <summary>How long a model may take to wake up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public const string Usage = """
        usage: Gateway.Web ask [options] "question"
          --url URL       the gateway; http://localhost:8080 by default
          --key KEY       an API key; the variable GATEWAY_API_KEY by default
          --model NAME    the model that answers; the variable FRIENDLI_ENDPOINT_ID by default, else sim-chat
          --summary NAME  the model that summarises; by default the gateway's choice
          --wake          wait for a model that is starting up before asking
        """;

    /// <summary>Does what the command line says, with the process's own console.</summary>
    /// <returns>The exit code: 0 done, 1 refused or failed, 2 a wrong command line.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            await Console.Out.WriteLineAsync(Usage);
            return 0;
        }
        if (AskOptions.Of(args, Environment.GetEnvironmentVariable) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        using var client = new HttpClient { BaseAddress = options.Url, Timeout = Timeout.InfiniteTimeSpan };
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            return await new AskCommand(client, Console.Out, Console.Error, TimeProvider.System).RunAsync(options, stop.Token);
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }

    public async Task<int> RunAsync(AskOptions options, CancellationToken cancellation)
    {
        try
        {
            return (!options.Wake || await WakeAsync(options, cancellation)) && await AskAsync(options, cancellation) ? 0 : 1;
        }
        catch (HttpRequestException e)
        {
            await problems.WriteLineAsync($"{options.Url} cannot be reached: {e.Message}");
            return 1;
        }
        catch (IOException)
        {
            await problems.WriteLineAsync($"The connection to {options.Url} broke.");
            return 1;
        }
    }

    private async Task<bool> AskAsync(AskOptions options, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Chat(options, new { model = options.Model, summary_model = options.Summary, messages = Messages(options.Question), stream = true });
        request.Headers.Add("x-gateway-events", "summary");
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            await TellAsync(answer, cancellation);
            return false;
        }
        bool done = false;
        bool begun = false;
        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellation);
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(cancellation))
        {
            string text = JsonElement.Parse(item.Data).GetProperty("text").GetString() ?? "";
            switch (item.EventType)
            {
                case "summary.prompt":
                    await output.WriteLineAsync($"1) Summary of the prompt\n{text}\n");
                    break;
                case "summary.reasoning":
                    await output.WriteLineAsync($"2) Summary of the model's reasoning\n{(text.Length > 0 ? text : "(it showed none)")}\n");
                    break;
                case "output.delta":
                    await output.WriteAsync(begun ? text : $"3) Final output\n{text}");
                    await output.FlushAsync(cancellation);
                    begun = true;
                    break;
                case "output.done":
                    await output.WriteLineAsync("\n[done]");
                    done = true;
                    break;
                case "error":
                    await problems.WriteLineAsync($"error: {text}");
                    break;
            }
        }
        return done;
    }

    /// <summary>Says how the upstreams stand, then asks for one token until the model is there.</summary>
    private async Task<bool> WakeAsync(AskOptions options, CancellationToken cancellation)
    {
        using (HttpResponseMessage health = await client.GetAsync(new Uri("upstream-health", UriKind.Relative), cancellation))
        {
            await output.WriteLineAsync($"Upstreams: {(health.IsSuccessStatusCode ? "reachable" : "not all are reachable")}");
        }
        long started = time.GetTimestamp();
        while (true)
        {
            using HttpRequestMessage request = Chat(options, new { model = options.Model, messages = Messages("ping"), max_tokens = 1 });
            using HttpResponseMessage answer = await client.SendAsync(request, cancellation);
            if (answer.IsSuccessStatusCode)
            {
                await output.WriteLineAsync($"{options.Model} is awake.\n");
                return true;
            }
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || time.GetElapsedTime(started) > Patience)
            {
                await TellAsync(answer, cancellation);
                return false;
            }
            await output.WriteLineAsync($"{options.Model} is not there yet; waiting.");
            await Task.Delay(answer.Headers.RetryAfter?.Delta is { } wait && wait < TimeSpan.FromSeconds(30) ? wait : TimeSpan.FromSeconds(5), time, cancellation);
        }
    }

    private static HttpRequestMessage Chat<T>(AskOptions options, T body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/chat/completions", UriKind.Relative))
        {
            Content = JsonContent.Create(body, options: AskOptions.Json),
        };
        if (options.Key is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
        return request;
    }

    private static object[] Messages(string text) => [new { role = "user", content = text }];

    // The gateway's own sentence; whatever else answers at the address is told by its status alone.
    private async Task TellAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        string said = "";
        try
        {
            JsonElement json = JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            said = json.GetProperty("error").GetProperty("message").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // No envelope.
        }
        await problems.WriteLineAsync($"{(int)answer.StatusCode} {answer.StatusCode}{(said.Length > 0 ? ": " + said : "")}");
    }
}
