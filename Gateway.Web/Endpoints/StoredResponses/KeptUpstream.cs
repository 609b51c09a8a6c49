using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Providers;

namespace Gateway.Web.Endpoints.StoredResponses;

/// <summary>Asks the provider that keeps an answer, and passes on what it says, with the model's name as the client knows it.</summary>
internal static class KeptUpstream
{
    public static async Task AskAsync(HttpContext context, ApiKey key, StoredResponse response, string below, IResponseStore store)
    {
        IServiceProvider services = context.RequestServices;
        Provider? provider = services.GetRequiredService<GatewayCatalog>().Current.Providers.Values.FirstOrDefault(p => p.Id == response.ProviderId);
        if (provider is null || services.GetRequiredService<ProviderRegistry>().Find(provider.Kind) is not IForwardingAdapter keeper)
        {
            await StoredResponseRoutes.RefuseAsync(context, new GatewayError(GatewayErrorKind.NotFound, "The provider that keeps this response is not there any more."));
            return;
        }
        GatewayOptions options = services.GetRequiredService<Func<GatewayOptions>>()();
        using var limit = new CancellationTokenSource(options.TotalTimeout, services.GetRequiredService<TimeProvider>());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            Uri url = keeper.ForwardUrl(provider, $"responses/{Uri.EscapeDataString(response.Id)}{below}", QueryOf(context.Request));
            using HttpResponseMessage answer = await SendAsync(keeper, provider, new HttpMethod(context.Request.Method), url, either.Token);
            if (answer.IsSuccessStatusCode && HttpMethods.IsDelete(context.Request.Method))
            {
                await store.DeleteAsync(response.Id, response.KeyId, either.Token);
            }
            byte[]? told = await PassOnAsync(context, answer, response.Model, options, either.Token);
            if (response.UsagePending && told is not null)
            {
                await BackgroundUsage.BookAsync(services, key, response, provider, told);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await FailAsync(context, new GatewayError(GatewayErrorKind.UpstreamConnection, "The provider that keeps this response could not be reached."));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(context, new GatewayError(GatewayErrorKind.UpstreamTimeout, "The provider that keeps this response did not answer in time."));
        }
    }

    // The answer belongs to the account of one of the credentials; which one it was is not remembered.
    private static async Task<HttpResponseMessage> SendAsync(IForwardingAdapter keeper, Provider provider, HttpMethod method, Uri url, CancellationToken cancellation)
    {
        List<CredentialDefinition?> credentials = [.. provider.Credentials];
        if (credentials.Count == 0)
        {
            credentials.Add(null);
        }
        for (int i = 0; ; i++)
        {
            using var request = new HttpRequestMessage(method, url);
            await keeper.AuthorizeAsync(request, provider, credentials[i], cancellation);
            HttpResponseMessage answer = await keeper.ConnectionsFor(provider).SendAsync(request, cancellation);
            bool other = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound;
            if (!other || i == credentials.Count - 1)
            {
                return answer;
            }
            answer.Dispose();
        }
    }

    /// <returns>The answer as the upstream told it, or a stream's last event; null where there was none.</returns>
    private static async Task<byte[]?> PassOnAsync(HttpContext context, HttpResponseMessage answer, string model, GatewayOptions options, CancellationToken cancellation)
    {
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            await FailAsync(context, new GatewayError(
                GatewayErrorKind.UpstreamAuthentication, "The provider that keeps this response refused the gateway's credentials. Ask your platform team to check them."));
            return null;
        }
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await using Stream body = await answer.Content.ReadAsStreamAsync(cancellation);
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            return await KeptStream.PassOnAsync(body, context.Response.Body, model, options.MaxEventBytes, cancellation);
        }
        byte[]? whole = await ReadAsync(body, options.MaxResponseBodyBytes, cancellation);
        if (whole is null)
        {
            await FailAsync(context, new GatewayError(GatewayErrorKind.UpstreamInvalidResponse, "The upstream's answer is too large."));
            return null;
        }
        await StoredResponseRoutes.WriteAsync(context, Renamed(whole, model));
        return whole;
    }

    private static async Task<byte[]?> ReadAsync(Stream body, long most, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        byte[] buffer = new byte[16_384];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (whole.Length + read > most)
            {
                return null;
            }
            whole.Write(buffer, 0, read);
        }
        return whole.ToArray();
    }

    private static ReadOnlyMemory<byte> Renamed(byte[] body, string model)
    {
        JsonElement json;
        try
        {
            json = JsonFields.Parse(body);
        }
        catch (JsonException)
        {
            return body;
        }
        if (json.Text("object") != "response" || json.Text("model") is null)
        {
            return body;
        }
        using var output = new MemoryStream(body.Length + model.Length);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (JsonProperty field in json.EnumerateObject())
            {
                if (field.NameEquals("model"u8))
                {
                    writer.WriteString("model"u8, model);
                }
                else
                {
                    field.WriteTo(writer);
                }
            }
            writer.WriteEndObject();
        }
        return output.ToArray();
    }

    // A key in the query is the gateway's own and stays here.
    private static string QueryOf(HttpRequest request)
    {
        IEnumerable<string> pairs = request.Query
            .Where(p => !p.Key.Equals("key", StringComparison.OrdinalIgnoreCase) && !p.Key.Equals("api-version", StringComparison.OrdinalIgnoreCase))
            .SelectMany(p => p.Value.Select(v => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(v ?? "")}"));
        string query = string.Join('&', pairs);
        return query.Length == 0 ? "" : "?" + query;
    }

    private static Task FailAsync(HttpContext context, GatewayError error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.ContentLength = null;
        return StoredResponseRoutes.RefuseAsync(context, error);
    }
}
