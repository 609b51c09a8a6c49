using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The fields of a Response object around its output; the settings of the request are repeated, as SDKs insist.</summary>
internal sealed class ResponsesObject(ResponseContext context, string id, long createdAt)
{
    public string Id => id;

    /// <summary>Writes from the opening brace as far as <c>output</c>'s name; then the output's array, then <see cref="End"/>.</summary>
    /// <param name="incomplete">Why, for the status <c>incomplete</c>; null otherwise.</param>
    public void Begin(Utf8JsonWriter writer, string status, string? incomplete)
    {
        GenerationRequest request = context.Request;
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("object"u8, "response"u8);
        writer.WriteNumber("created_at"u8, createdAt);
        writer.WriteString("status"u8, status);
        WriteExtension(writer, "background", static w => w.WriteBooleanValue(false));
        writer.WriteNull("error"u8);
        if (incomplete is null)
        {
            writer.WriteNull("incomplete_details"u8);
        }
        else
        {
            writer.WriteStartObject("incomplete_details"u8);
            writer.WriteString("reason"u8, incomplete);
            writer.WriteEndObject();
        }
        string instructions = string.Join("\n\n", request.Instructions.OfType<TextPart>().Select(t => t.Text));
        writer.WriteString("instructions"u8, instructions.Length == 0 ? null : instructions);
        WriteNumber(writer, "max_output_tokens", request.Sampling.MaxOutputTokens);
        WriteExtension(writer, "max_tool_calls", static w => w.WriteNullValue());
        writer.WriteString("model"u8, context.Model);
        writer.WritePropertyName("output"u8);
    }

    /// <param name="usage">Null while it is not known.</param>
    /// <param name="raw">The token counts of the same wire; they win.</param>
    public void End(Utf8JsonWriter writer, Usage? usage, RawJson? raw, string? serviceTier)
    {
        GenerationRequest request = context.Request;
        writer.WriteBoolean("parallel_tool_calls"u8, request.ParallelToolCalls ?? true);
        writer.WriteString("previous_response_id"u8, request.PreviousResponseId);
        writer.WriteString("prompt_cache_key"u8, request.CacheKey);
        ResponsesReasoning.WriteEcho(request, writer);
        writer.WriteString("service_tier"u8, serviceTier ?? request.ServiceTier ?? "default");
        writer.WriteBoolean("store"u8, request.Store ?? true);
        writer.WriteNumber("temperature"u8, request.Sampling.Temperature ?? 1.0);
        ResponsesFormat.Write(request, writer, always: true);
        ResponsesToolChoice.WriteEcho(request, writer);
        ResponsesTools.WriteEcho(request, writer);
        writer.WriteNumber("top_logprobs"u8, request.Sampling.TopLogprobs ?? 0);
        writer.WriteNumber("top_p"u8, request.Sampling.TopP ?? 1.0);
        WriteExtension(writer, "truncation", static w => w.WriteStringValue("disabled"u8));
        if (raw is { Wire: Wire.OpenAIResponses })
        {
            writer.WritePropertyName("usage"u8);
            raw.Json.WriteTo(writer);
        }
        else if (usage is { } counted)
        {
            ResponsesUsage.Write(counted, writer);
        }
        else
        {
            writer.WriteNull("usage"u8);
        }
        writer.WriteString("user"u8, request.User);
        writer.WriteStartObject("metadata"u8);
        foreach ((string name, string value) in request.Metadata)
        {
            writer.WriteString(name, value);
        }
        writer.WriteEndObject();
    }

    private void WriteExtension(Utf8JsonWriter writer, string name, Action<Utf8JsonWriter> writeDefault)
    {
        writer.WritePropertyName(name);
        if (context.Request.Extensions.FirstOrDefault(e => e.Wire == Wire.OpenAIResponses && e.Name == name) is { } extension)
        {
            extension.Value.WriteTo(writer);
        }
        else
        {
            writeDefault(writer);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
