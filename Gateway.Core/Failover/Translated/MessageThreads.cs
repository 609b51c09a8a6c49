using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Translated;

/// <summary>
/// Conversations that Anthropic keeps (the field <c>thread</c>): a request that continues one holds its newest turn only. Upstreams of
/// other wires keep none, and an answer to that turn alone would be wrong.
/// </summary>
internal static class MessageThreads
{
    private static readonly ErrorExtra Lost = new(ErrorExtra.Details, JsonElement.Parse("""{"error_code":"thread_not_found"}"""));

    /// <summary>Anthropic's own word for a thread that is not there, at which its SDKs send the whole conversation; null where the request holds all of it.</summary>
    public static GatewayError? Refusal(GenerationRequest request, Backend backend, Wire wire) =>
        wire != Wire.AnthropicMessages && request.Extensions.Any(e => e.Name == "thread" && e.Value.Text("type") == "continue")
            ? new GatewayError(
                GatewayErrorKind.NotServable,
                $"The provider {backend.Provider.Name} keeps no conversations, and this request continues one. Send all of its messages with 'thread': {{\"type\": \"create\"}}, or without 'thread'.",
                "thread",
                "thread_not_found",
                Status: 404)
            { Extra = Lost }
            : null;
}
