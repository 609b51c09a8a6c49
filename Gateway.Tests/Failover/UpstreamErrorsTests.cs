using System.Text;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Routing;
using Gateway.Tests.Accounting.Prices;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

public sealed class UpstreamErrorsTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Backend Backend = new()
    {
        Id = "b",
        Provider = TestProvider.Create("upstream"),
        UpstreamModel = "model",
        UpstreamModelJson = [],
        State = new BackendState(),
    };

    private static GatewayError Answer(int status, string body, params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach ((string name, string value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }
        return UpstreamErrors.OfAnswer(status, response.Headers, Encoding.UTF8.GetBytes(body), Backend, null, Now);
    }

    private static GatewayError Object(string body) => UpstreamErrors.OfErrorObject(Encoding.UTF8.GetBytes(body), Backend, null);

    [Theory]
    [InlineData("""{"error":{"message":"Your input exceeds the context window of this model.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}""")]
    [InlineData("""{"object":"error","message":"This model's maximum context length is 131072 tokens. However, you requested 156632 tokens.","type":"BadRequestError","param":null,"code":400}""")]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}""")]
    [InlineData("""{"error":{"code":400,"message":"The input token count (1250000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}""")]
    [InlineData("""{"message":"Input is too long for requested model."}""")]
    [InlineData("""{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error"}}""")]
    public void Answer_LongerThanTheModelTakes_HasTheCodeThatClientsLookFor(string body)
    {
        GatewayError error = Answer(400, body);

        (error.Kind, error.StatusCode, error.CodeName).ShouldBe((GatewayErrorKind.UpstreamRefused, 400, "context_length_exceeded"));
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","type":"t","param":"p","code":"c"}}""", "m", "p", "c")]
    [InlineData("""{"error":"m"}""", "m", null, null)]
    [InlineData("""{"message":"m"}""", "m", null, null)]
    [InlineData("""{"Message":"m"}""", "m", null, null)]
    [InlineData("""{"detail":"m"}""", "m", null, null)]
    [InlineData("""{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"m"}]}""", "m", "messages.0.role", null)]
    [InlineData("""{"object":"error","message":{"detail":[{"loc":["body","store"],"msg":"m"}]},"type":"invalid_request_error","param":null,"code":null}""", "m", "store", null)]
    [InlineData("""{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}""", "m", null, null)]
    [InlineData("""[{"error":{"code":400,"message":"m","status":"FAILED_PRECONDITION"}}]""", "m", null, "failed_precondition")]
    [InlineData("""{"error":{"message":"m","metadata":{"raw":"why","provider_name":"x"},"code":400}}""", "m: why", null, null)]
    [InlineData("""{"error":{"code":"content_filter","message":"m","param":"prompt","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", "m", "prompt", "content_filter")]
    [InlineData("""{"id":"1","message":"m"}""", "m", null, null)]
    [InlineData("<html>", "The provider upstream answered with an error.", null, null)]
    [InlineData("""{"error":{"message":"\ud800"}}""", "The provider upstream answered with an error.", null, null)]
    public void OfAnswer_AnyShape_KeepsWhatHelps(string body, string message, string? param, string? code)
    {
        GatewayError error = Answer(400, body);
        (error.Message, error.Param, error.Code).ShouldBe((message, param, code));
        error.StatusCode.ShouldBe(400);
    }

    // Clients decide by what stands beside the message, each in its own wire's field.
    [Theory]
    [InlineData("""{"error":{"message":"m","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", "innererror", """{"code":"ResponsibleAIPolicyViolation"}""")]
    [InlineData("""{"type":"error","error":{"type":"t","message":"m","details":{"error_code":"thread_not_found"}}}""", "details", """{"error_code":"thread_not_found"}""")]
    [InlineData("""{"error":{"code":400,"message":"m","details":[{"@type":"x/google.rpc.Help","links":[]},{"@type":"x/google.rpc.BadRequest","fieldViolations":[]}]}}""", "details", """[{"@type":"x/google.rpc.BadRequest","fieldViolations":[]}]""")]
    public void OfAnswer_WhatItsWireSaysBeside_IsKept(string body, string name, string value)
    {
        ErrorExtra extra = Answer(400, body).Extra.ShouldNotBeNull();
        (extra.Name, extra.Value.GetRawText()).ShouldBe((name, value));
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","details":{"see":"https://inner.example/x"}}}""")]
    [InlineData("""{"error":{"message":"m","details":[{"@type":"x/google.rpc.ErrorInfo","metadata":{"consumer":"projects/7"}}]}}""")]
    [InlineData("""{"error":{"message":"m","details":"text"}}""")]
    public void OfAnswer_WhatNamesTheUpstreamOrItsAccount_IsNot(string body)
    {
        using var response = new HttpResponseMessage();
        var backend = new Backend
        {
            Id = "b",
            Provider = TestProvider.Create("upstream", url: "https://inner.example"),
            UpstreamModel = "model",
            UpstreamModelJson = [],
            State = new BackendState(),
        };
        UpstreamErrors.OfAnswer(400, response.Headers, Encoding.UTF8.GetBytes(body), backend, null, Now).Extra.ShouldBeNull();
    }

    [Theory]
    [InlineData("retry-after-ms", "600", 0.6)]
    [InlineData("retry-after", "20", 20d)]
    [InlineData("retry-after", "Thu, 01 Jan 2026 00:01:00 GMT", 60d)]
    [InlineData("x-ratelimit-reset-tokens", "3.89s", 3.89)]
    [InlineData("x-ratelimit-reset-requests", "120ms", 0.12)]
    [InlineData("x-ratelimit-reset-requests", "9m38.016s", 578.016)]
    [InlineData("x-ratelimit-reset-requests", "1h2m", 3720d)]
    [InlineData("x-ratelimit-reset-requests", "10", 10d)]
    [InlineData("x-ratelimit-reset-requests", "soon", null)]
    [InlineData("retry-after", "99999999", null)]
    public void OfAnswer_HintsInHeaders_AreRead(string name, string value, double? seconds) =>
        Answer(429, "{}", (name, value)).RetryAfter.ShouldBe(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));

    [Fact]
    public void OfAnswer_TwoLimits_TheOneUsedUpCounts() => Answer(
        429, "{}", ("x-ratelimit-reset-requests", "9m"), ("x-ratelimit-remaining-requests", "499"), ("x-ratelimit-reset-tokens", "3.89s"), ("x-ratelimit-remaining-tokens", "0"))
        .RetryAfter.ShouldBe(TimeSpan.FromSeconds(3.89));

    [Fact]
    public void OfAnswer_GooglesHint_IsInTheBody()
    {
        const string Body = """{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}""";
        Answer(429, Body).RetryAfter.ShouldBe(TimeSpan.FromSeconds(34.4));
        Object(Body).ShouldSatisfyAllConditions(
            e => e.RetryAfter.ShouldBe(TimeSpan.FromSeconds(34.4)),
            e => e.Kind.ShouldBe(GatewayErrorKind.UpstreamRateLimited));
    }

    // An operator has different things to do about each.
    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "name")]
    [InlineData(HttpRequestError.SecureConnectionError, "certificate")]
    [InlineData(HttpRequestError.ConnectionError, "could not be reached.")]
    public void OfException_NoConnection_SaysWhatIsMissing(HttpRequestError error, string words)
    {
        GatewayError told = UpstreamErrors.OfException(new HttpRequestException(error));
        (told.Kind, told.StatusCode).ShouldBe((GatewayErrorKind.UpstreamConnection, 502));
        told.Message.ShouldContain(words);
    }

    [Fact]
    public void OfAnswer_AProxyInBetweenThatWantsASignIn_IsNotTheClientsMatter()
    {
        GatewayError error = Answer(407, "<html>");
        (error.Kind, error.StatusCode).ShouldBe((GatewayErrorKind.UpstreamServerError, 502));
    }

    // It was reached, and closed before it had heard all of a long request.
    [Fact]
    public void OfException_RequestThatCouldNotBeSentToItsEnd_BrokeOff()
    {
        GatewayError error = UpstreamErrors.OfException(new HttpRequestException("Error while copying content to a stream.", new IOException("Broken pipe")));
        (error.Kind, error.Message).ShouldBe((GatewayErrorKind.UpstreamConnection, "The connection to the upstream broke off."));
    }

    [Fact]
    public void OfAnswer_GooglesBadKey_IsTheGatewaysFaultNotTheClients() => Answer(400, """
        {"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}
        """).Kind.ShouldBe(GatewayErrorKind.UpstreamAuthentication);

    [Theory]
    [InlineData("""{"error":{"code":403,"message":"m","metadata":{"reasons":["violence"],"flagged_input":"x"}}}""", "m")]
    [InlineData("""{"error":{"message":"m","type":"invalid_request_error","code":"content_policy_violation"}}""", "m")]
    [InlineData("<!DOCTYPE html><html><body>Sorry, you have been blocked</body></html>", "A firewall before the provider upstream refused this request. Change what it says, or choose another model.")]
    public void OfAnswer_ForbiddenForWhatWasAsked_IsTheRequestsFaultNotTheCredentials(string body, string message)
    {
        GatewayError error = Answer(403, body);
        (error.Kind, error.StatusCode, error.Message).ShouldBe((GatewayErrorKind.UpstreamRefused, 403, message));
    }

    [Fact]
    public void OfAnswer_ForbiddenForAnotherReason_IsTheCredentials() =>
        Answer(403, """{"error":{"message":"m","type":"permission_error"}}""").Kind.ShouldBe(GatewayErrorKind.UpstreamAuthentication);

    // Passed on as it is it would say, to the client and in the books, that the client had left.
    [Fact]
    public void OfAnswer_CancelledByTheUpstream_IsItsFailureAndTriedElsewhere()
    {
        GatewayError error = Answer(499, """{"error":{"code":499,"message":"The operation was cancelled.","status":"CANCELLED"}}""");
        (error.Kind, error.StatusCode).ShouldBe((GatewayErrorKind.UpstreamServerError, 502));
    }

    [Theory]
    [InlineData(GatewayErrorKind.UpstreamRateLimited, GatewayErrorKind.NotServable, GatewayErrorKind.UpstreamRateLimited)]
    [InlineData(GatewayErrorKind.UpstreamRateLimited, GatewayErrorKind.NoBackend, GatewayErrorKind.UpstreamRateLimited)]
    [InlineData(GatewayErrorKind.NotServable, GatewayErrorKind.UpstreamRateLimited, GatewayErrorKind.UpstreamRateLimited)]
    [InlineData(GatewayErrorKind.NoBackend, GatewayErrorKind.NotServable, GatewayErrorKind.NoBackend)]
    [InlineData(GatewayErrorKind.NotServable, GatewayErrorKind.NoBackend, GatewayErrorKind.NoBackend)]
    [InlineData(GatewayErrorKind.NoBackend, GatewayErrorKind.Overloaded, GatewayErrorKind.Overloaded)]
    [InlineData(GatewayErrorKind.UpstreamTimeout, GatewayErrorKind.UpstreamServerError, GatewayErrorKind.UpstreamServerError)]
    public void MoreTelling_OfTwoFailures_TellsWhatHelps(GatewayErrorKind before, GatewayErrorKind after, GatewayErrorKind told) =>
        FailoverErrors.MoreTelling(new GatewayError(before, "m"), new GatewayError(after, "m")).Kind.ShouldBe(told);

    [Theory]
    [InlineData(400, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/", GatewayErrorKind.UpstreamRateLimited)]
    [InlineData(400, "ServiceQuotaExceededException", GatewayErrorKind.UpstreamRateLimited)]
    [InlineData(400, "ValidationException", GatewayErrorKind.UpstreamRefused)]
    [InlineData(400, "ExpiredTokenException", GatewayErrorKind.UpstreamAuthentication)]
    [InlineData(424, "ModelErrorException", GatewayErrorKind.UpstreamRefused)]
    [InlineData(500, "SomethingNew", GatewayErrorKind.UpstreamServerError)]
    public void OfAnswer_NamesOfAwsExceptions_SayMoreThanTheStatus(int status, string name, GatewayErrorKind kind) =>
        Answer(status, """{"message":"m"}""", ("x-amzn-errortype", name)).Kind.ShouldBe(kind);

    [Theory]
    [InlineData("""{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}""", GatewayErrorKind.UpstreamServerError)]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"m"}}""", GatewayErrorKind.UpstreamServerError)]
    [InlineData("""{"type":"error","sequence_number":2,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"m"}}""", GatewayErrorKind.UpstreamQuotaExhausted)]
    [InlineData("""{"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"m"}}}""", GatewayErrorKind.UpstreamRateLimited)]
    [InlineData("""{"error":{"message":"m","type":"invalid_request_error","code":"tool_use_failed"}}""", GatewayErrorKind.UpstreamRefused)]
    [InlineData("""{"code":502,"message":"m"}""", GatewayErrorKind.UpstreamServerError)]
    [InlineData("""{"type":"throttlingException","message":"m"}""", GatewayErrorKind.UpstreamRateLimited)]
    [InlineData("""{"type":"modelStreamErrorException","message":"m"}""", GatewayErrorKind.UpstreamServerError)]
    [InlineData("""{"message":"m"}""", GatewayErrorKind.UpstreamServerError)]
    public void OfErrorObject_ErrorsInsideAnAnswer_MeanWhatTheirNamesSay(string body, GatewayErrorKind kind)
    {
        GatewayError error = Object(body);
        (error.Kind, error.Message).ShouldBe((kind, "m"));
    }

    [Fact]
    public void OfAnswer_EveryRecordedError_KeepsItsClassItsWordsAndItsHint()
    {
        int count = 0;
        foreach (RecordedExchange exchange in RecordedExchange.All().Where(e => e.Status >= 400))
        {
            string body = Encoding.UTF8.GetString(exchange.Response);
            GatewayError error = Answer(exchange.Status, body, [.. exchange.Headers.Select(h => (h.Key, h.Value))]);

            switch (exchange.Status)
            {
                // The gateway's own credential is not the client's; an empty account is a quota; whose time ran out is said by 504.
                case 401 or 403:
                    error.StatusCode.ShouldBe(502, exchange.Id);
                    break;
                case 402:
                    (error.StatusCode, error.CodeName).ShouldBe((429, "insufficient_quota"), exchange.Id);
                    break;
                default:
                    (error.StatusCode / 100).ShouldBe(exchange.Status / 100, exchange.Id);
                    body.ReplaceLineEndings(" ").Contains("<html>", StringComparison.Ordinal).ShouldBe(error.Message.Contains("answered with an error", StringComparison.Ordinal), exchange.Id);
                    break;
            }
            bool hinted = exchange.Headers.ContainsKey("retry-after") || exchange.Headers.ContainsKey("retry-after-ms") || body.Contains("retryDelay", StringComparison.Ordinal);
            (error.RetryAfter is not null).ShouldBe(hinted, exchange.Id);
            count++;
        }
        output.WriteLine($"{count} errors");
        count.ShouldBeGreaterThan(80);
    }
}
