using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.Vertex;

/// <summary>
/// Gemini on Vertex AI: <c>{base}/projects/{project}/locations/{location}/publishers/google/models/{model}:generateContent</c>, with
/// a bearer token made of Google credentials. Other publishers' models, named <c>meta/llama-…</c>, have OpenAI's chat at <c>…/endpoints/openapi</c>.
/// </summary>
public sealed class VertexAdapter(UpstreamConnections connections, TimeProvider time) : IForwardingAdapter
{
    private const string Google = "google";

    private readonly GoogleTokens _tokens = new(connections, time);

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Vertex];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.GeminiCountTokens => asked,
        _ when asked.Embeds() => Operation.Predict,
        Operation.ImageGenerations or Operation.ImageEdits or Operation.Transcriptions or Operation.Translations or Operation.Speech => Operation.GenerateContent,
        _ => asked.GenerationWire() is null ? null : Operation.GenerateContent,
    };

    /// <inheritdoc/>
    public Operation? Serve(Backend backend, Operation asked) =>
        PublisherOf(backend.UpstreamModel) is "" or Google ? Serve(backend.Provider, asked)
        : asked.GenerationWire() is null ? null : Operation.ChatCompletions;

    public async Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, PathOf(call)), call);
        await AuthorizeAsync(request, provider, call.Credential, cancellation);
        return await connections.For(provider).SendAsync(request, cancellation);
    }

    public async Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        // The list of publishers' models is only in v1beta1, and not below a project.
        var url = new Uri(new Uri(provider.BaseUrl!.GetLeftPart(UriPartial.Authority)), "/v1beta1/publishers/google/models?pageSize=300");
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("x-goog-user-project", provider.Settings.GetValueOrDefault("project", ""));
        await AuthorizeAsync(request, provider, credential, cancellation);
        return await connections.For(provider).SendAsync(request, cancellation);
    }

    private static string PathOf(UpstreamCall call)
    {
        IReadOnlyDictionary<string, string> settings = call.Backend.Provider.Settings;
        string model = call.Backend.UpstreamModel;
        string place = $"projects/{Uri.EscapeDataString(settings["project"])}/locations/{Uri.EscapeDataString(settings["location"])}/";
        if (call.Operation == Operation.ChatCompletions)
        {
            return place + "endpoints/openapi/chat/completions";
        }
        // google/… is how requests in OpenAI's wire name a model; another name with a slash says itself what it is: publishers/…, endpoints/….
        model = PublisherOf(model) is Google ? model[(Google.Length + 1)..] : model;
        string resource = model.Contains('/') ? string.Join('/', model.Split('/').Select(Uri.EscapeDataString)) : "publishers/google/models/" + Uri.EscapeDataString(model);
        string method = call is { Operation: Operation.GenerateContent, Stream: true } ? "streamGenerateContent?alt=sse" : call.Operation.ToPath();
        return $"{place}{resource}:{method}";
    }

    // Of {publisher}/{model}; empty for any other name.
    private static ReadOnlySpan<char> PublisherOf(string model)
    {
        int slash = model.IndexOf('/');
        return slash > 0 && slash == model.LastIndexOf('/') && model.AsSpan(0, slash) is not "endpoints" ? model.AsSpan(0, slash) : "";
    }

    public HttpMessageInvoker ConnectionsFor(Provider provider) => connections.For(provider);

    /// <inheritdoc/>
    public async ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation) =>
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + await _tokens.GetAsync(provider, credential, cancellation));
}
