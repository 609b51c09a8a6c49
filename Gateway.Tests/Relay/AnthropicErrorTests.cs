using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Core;
using Gateway.Core.Relay;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

public sealed class AnthropicErrorTests
{
    [Theory]
    [InlineData(GatewayErrorKind.InvalidRequest, 400, "invalid_request_error")]
    [InlineData(GatewayErrorKind.UnsupportedMediaType, 415, "invalid_request_error")]
    [InlineData(GatewayErrorKind.Unauthenticated, 401, "authentication_error")]
    [InlineData(GatewayErrorKind.ModelNotFound, 404, "not_found_error")]
    [InlineData(GatewayErrorKind.RequestTooLarge, 413, "request_too_large")]
    [InlineData(GatewayErrorKind.RateLimited, 429, "rate_limit_error")]
    [InlineData(GatewayErrorKind.UpstreamRateLimited, 429, "rate_limit_error")]
    [InlineData(GatewayErrorKind.BudgetExhausted, 429, "billing_error")]
    [InlineData(GatewayErrorKind.Overloaded, 529, "overloaded_error")]
    [InlineData(GatewayErrorKind.NoBackend, 503, "api_error")]
    [InlineData(GatewayErrorKind.UpstreamAuthentication, 502, "api_error")]
    [InlineData(GatewayErrorKind.UpstreamTimeout, 504, "timeout_error")]
    [InlineData(GatewayErrorKind.Internal, 500, "api_error")]
    public void Write_EveryKind_HasAnthropicsStatusAndType(GatewayErrorKind kind, int status, string type)
    {
        var error = new GatewayError(kind, "Say \"what\" to do.");
        var output = new ArrayBufferWriter<byte>();

        AnthropicError.Write(output, error, "req-1");

        AnthropicError.StatusOf(error).ShouldBe(status);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe($$"""{"type":"error","error":{"type":"{{type}}","message":"Say \"what\" to do."},"request_id":"req-1"}""");
    }

    [Fact]
    public void StatusOf_AnUpstreamThatIsOverloaded_IsWhatItSaid() =>
        AnthropicError.StatusOf(new GatewayError(GatewayErrorKind.UpstreamServerError, "x", Code: GatewayError.UpstreamOverloaded, Status: 503)).ShouldBe(529);

    [Theory]
    [InlineData("This model's maximum context length is 9 tokens.", "prompt is too long: This model's maximum context length is 9 tokens.")]
    [InlineData("prompt is too long: 12 tokens > 9 maximum", "prompt is too long: 12 tokens > 9 maximum")]
    public void Write_ConversationLongerThanTheModelTakes_IsSaidInTheWordsThatClientsLookFor(string said, string told)
    {
        var output = new ArrayBufferWriter<byte>();

        AnthropicError.Write(output, new GatewayError(GatewayErrorKind.UpstreamRefused, said, Code: GatewayError.ContextLengthExceeded), "req-1");

        JsonNode.Parse(output.WrittenSpan)!["error"]!["message"]!.GetValue<string>().ShouldBe(told);
    }

    [Fact]
    public void StatusOf_AnUpstreamsRefusal_IsKept() =>
        AnthropicError.StatusOf(new GatewayError(GatewayErrorKind.UpstreamRefused, "x", Status: 422)).ShouldBe(422);

    [Fact]
    public void WriteEvent_InAStream_IsOneEventOfThatName()
    {
        var output = new ArrayBufferWriter<byte>();

        AnthropicError.WriteEvent(output, new GatewayError(GatewayErrorKind.UpstreamStreamBroken, "It broke."), null);

        string text = Encoding.UTF8.GetString(output.WrittenSpan);
        text.ShouldStartWith("event: error\ndata: {");
        text.ShouldEndWith("}\n\n");
        JsonNode.Parse(text.Split("data: ")[1])!["error"]!["type"]!.GetValue<string>().ShouldBe("api_error");
    }
}
