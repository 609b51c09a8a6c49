using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Providers;
using Gateway.Web.Administration.Transcoding;

namespace Gateway.Web.Components.Pages.ProtocolLab;

/// <summary>Something to begin with: the same small exchange in every wire, and for requests one that uses what only its wire has.</summary>
/// <param name="Id">In the page's address.</param>
internal sealed record WireSample(string Id, string Title, string Text)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Request = """
        {
          "model": "sim-chat",
          "messages": [
            {"role": "system", "content": "You are terse."},
            {"role": "user", "content": [
              {"type": "text", "text": "What is the weather where this was taken?"},
              {"type": "image_url", "image_url": {"url": "https://example.com/harbour.jpg"}}
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
              {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}}
            ]},
            {"role": "tool", "tool_call_id": "call_1", "content": "{\"celsius\": 4, \"sky\": \"rain\"}"}
          ],
          "tools": [
            {"type": "function", "function": {"name": "weather", "description": "The weather in a city",
              "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
          ],
          "temperature": 0.2,
          "max_tokens": 200
        }
        """;

    private const string Answer = """
        {
          "id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "sim-chat",
          "choices": [{"index": 0, "message": {"role": "assistant", "content": "Let me look.", "reasoning_content": "The harbour is Oslo's.",
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}}]},
            "logprobs": null, "finish_reason": "tool_calls"}],
          "usage": {"prompt_tokens": 120, "completion_tokens": 24, "total_tokens": 144, "prompt_tokens_details": {"cached_tokens": 64}}
        }
        """;

    private const string Stream =
        """
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"sim-chat","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"sim-chat","choices":[{"index":0,"delta":{"reasoning_content":"Short question."},"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"sim-chat","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"sim-chat","choices":[{"index":0,"delta":{"content":" there."},"finish_reason":"stop"}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"sim-chat","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}

        data: [DONE]


        """;

    public static IReadOnlyList<WireSample> Of(Wire wire, string kind) => kind switch
    {
        WireComparison.Request => [
            new("tools", "Picture and tool", Written(Transcoder.Request(Wire.OpenAIChat, wire, Request).Value)),
            new("own", $"What only {wire.ToTitle()} has", Own(wire)),
        ],
        WireComparison.Answer => [new("tools", "Thought and tool call", Written(Transcoder.Response(Wire.OpenAIChat, wire, System.Text.Encoding.UTF8.GetBytes(Answer)).Value))],
        _ => wire == Wire.BedrockConverse ? [] : [new("text", "Thought and text", StreamText.Convert(Wire.OpenAIChat, wire, System.Text.Encoding.UTF8.GetBytes(Stream)).Value)],
    };

    private static string Written(JsonElement json) => JsonSerializer.Serialize(json, Readable);

    private static string Own(Wire wire) => wire switch
    {
        Wire.OpenAIChat => """
            {
              "model": "sim-chat",
              "messages": [{"role": "user", "content": "One word for a clear sky?"}],
              "logprobs": true,
              "top_logprobs": 3,
              "n": 2,
              "seed": 7,
              "logit_bias": {"1734": -100},
              "presence_penalty": 0.5
            }
            """,
        Wire.OpenAIResponses => """
            {
              "model": "sim-chat",
              "instructions": "You are terse.",
              "input": "What happened in Oslo today?",
              "tools": [{"type": "web_search"}, {"type": "file_search", "vector_store_ids": ["vs_1"]}],
              "reasoning": {"effort": "low", "summary": "auto"},
              "truncation": "auto",
              "store": false
            }
            """,
        Wire.AnthropicMessages => """
            {
              "model": "sim-chat",
              "max_tokens": 2048,
              "system": [{"type": "text", "text": "A long handbook …", "cache_control": {"type": "ephemeral"}}],
              "thinking": {"type": "enabled", "budget_tokens": 1024},
              "top_k": 40,
              "messages": [{"role": "user", "content": [
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "The harbour froze in 1962."}, "citations": {"enabled": true}},
                {"type": "text", "text": "When did it freeze?"}
              ]}]
            }
            """,
        Wire.Gemini => """
            {
              "contents": [{"role": "user", "parts": [{"text": "Draw the harbour, and say what you drew."}]}],
              "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}],
              "tools": [{"googleSearch": {}}, {"codeExecution": {}}],
              "generationConfig": {"topK": 40, "responseModalities": ["TEXT", "IMAGE"], "thinkingConfig": {"thinkingBudget": 1024}}
            }
            """,
        Wire.BedrockConverse => """
            {
              "messages": [{"role": "user", "content": [{"text": "One word for a clear sky?"}]}],
              "inferenceConfig": {"maxTokens": 64},
              "guardrailConfig": {"guardrailIdentifier": "gr-1", "guardrailVersion": "1"},
              "additionalModelRequestFields": {"top_k": 40}
            }
            """,
        _ => """
            {
              "model": "sim-chat",
              "messages": [{"role": "user", "content": "When did the harbour freeze?"}],
              "documents": [{"data": {"title": "Harbour", "text": "It froze in 1962."}}],
              "citation_options": {"mode": "ACCURATE"},
              "safety_mode": "CONTEXTUAL",
              "k": 40
            }
            """,
    };
}
