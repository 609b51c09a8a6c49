using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Live;
using Gateway.Core.Telemetry;
using Gateway.Core.Telemetry.Metrics;
using Gateway.Providers;
using Gateway.Web.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Runs the request path until it is compiled, before the node calls itself ready: a cold process spends two to three times
/// the processor time on a request. The calls are real ones, over the node's own socket to itself and on to a stand-in for an
/// upstream at the same socket, but on a pipeline of their own: they are in no books, no log and no limits. Requests are
/// served meanwhile.
/// </summary>
internal sealed class WarmUp(IServer server, IHostApplicationLifetime lifetime, TimeProvider time, Func<GatewayOptions> options) : BackgroundService
{
    private const int Rounds = 10;
    private const int CallsPerRound = 24;

    // The compiler's next tier looks at what was called in the last tenth of a second, and only once it has been quiet for as long.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    // Nobody else can guess the path, and it leads nowhere once the warm-up is over.
    private readonly string _secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private GatewayPipeline? _pipeline;

    /// <summary>Also true where no warm-up was started.</summary>
    public bool IsDone { get; private set; } = true;

    private string Prefix => "/warm-up/" + _secret;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(Prefix + "/call", (RequestDelegate)CallAsync).OnDataPlane();
        app.MapPost(Prefix + "/upstream/v1/chat/completions", (RequestDelegate)AnswerAsync).OnDataPlane();
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        IsDone = false;
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken);
            using var limit = new CancellationTokenSource(Limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
            await RunAsync(either.Token);
        }
        catch (Exception)
        {
            // A warm-up that does not come off costs some microseconds later, nothing else.
        }
        finally
        {
            _pipeline = null;
            // What reading the settings and the warm-up itself left behind would stay until traffic makes the collector run.
            FullCollection.Run();
            IsDone = true;
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        // A server without a socket (a test's) has nothing to warm.
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } listening)
        {
            return;
        }
        await Task.Delay(HeadStart, time, cancellation);
        string address = listening.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        await using var sink = new UsageSink(new LiveFeed(), Stream.Null, static (_, _) => { }, [new CallMetrics(new GatewayCatalog())]);
        _pipeline = CreatePipeline(address, sink);
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        for (int round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, CallsPerRound).Select(i => SendAsync(client, address, stream: i % 4 == 0, cancellation)));
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private GatewayPipeline CreatePipeline(string address, UsageSink sink)
    {
        var catalog = new GatewayCatalog();
        catalog.Replace(new CatalogDefinition
        {
            Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Url = address + Prefix + "/upstream/v1" }] }],
            Keys = [new ApiKeyDefinition { Id = "k", Name = "k", Prefix = "k", Hash = KeyHash.OfKey(_secret), RpmLimit = 1_000_000, TpmLimit = 1_000_000_000 }],
        });
        catalog.MarkLoaded();
        GatewayOptions own = options() with
        {
            AuthDisabled = false,
            AllowedModels = [],
            MaxRetries = 0,
            AllowedNetworks = [new IPNetwork(IPAddress.Loopback, 32), new IPNetwork(IPAddress.IPv6Loopback, 128)],
        };
        return new GatewayPipeline(catalog, () => own, new ProviderRegistry(() => own, time).Adapters, null, sink, time, new Random(1));
    }

    private async Task SendAsync(HttpMessageInvoker client, string address, bool stream, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address + Prefix + "/call");
        string body = $$"""{"model":"m","stream":{{(stream ? "true" : "false")}},"max_tokens":9,"messages":[{"role":"user","content":"{{new string('x', 500)}}"}]}""";
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _secret);
        using HttpResponseMessage response = await client.SendAsync(request, cancellation);
        await response.Content.CopyToAsync(Stream.Null, cancellation);
    }

    private Task CallAsync(HttpContext context) => _pipeline is { } pipeline
        ? ApiRoutes.CallAsync(context, pipeline, time, Prefix, Operation.ChatCompletions)
        : GoneAsync(context);

    private async Task AnswerAsync(HttpContext context)
    {
        if (_pipeline is null)
        {
            await GoneAsync(context);
            return;
        }
        bool stream;
        try
        {
            using var body = new StreamReader(context.Request.Body);
            stream = (await body.ReadToEndAsync(context.RequestAborted)).Contains("\"stream\":true", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The warm-up's time was over, and its own call with it: nothing that the log need know.
            return;
        }
        context.Response.ContentType = stream ? "text/event-stream" : "application/json";
        for (int i = 0; stream && i < 8; i++)
        {
            await context.Response.WriteAsync("""data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"usage":null}""" + "\n\n");
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        await context.Response.WriteAsync(stream
            ? """data: {"id":"1","model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":8,"total_tokens":17}}""" + "\n\ndata: [DONE]\n\n"
            : """{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"words"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":8,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":0}}}""");
    }

    private static Task GoneAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
