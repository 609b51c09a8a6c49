using System.Globalization;
using System.Text.Json;
using Gateway.Core;

namespace Gateway.Web.Endpoints;

/// <summary>How an API describes a model, and a list of them.</summary>
internal abstract class ModelShape
{
    public static readonly ModelShape OpenAI = new OpenAIShape();
    public static readonly ModelShape Anthropic = new AnthropicShape();
    public static readonly ModelShape Gemini = new GeminiShape();

    /// <summary>Whose envelope errors go into.</summary>
    public abstract ErrorWire Errors { get; }

    public abstract void Write(Utf8JsonWriter json, ListedModel model);

    /// <summary>Writes the part of a list that the query asks for.</summary>
    /// <returns>What is wrong with the query, and then nothing is written; null if nothing is.</returns>
    public abstract GatewayError? WriteList(Utf8JsonWriter json, IReadOnlyList<ListedModel> models, IQueryCollection query);

    private void WriteAll(Utf8JsonWriter json, ReadOnlySpan<byte> member, IReadOnlyList<ListedModel> models)
    {
        json.WriteStartArray(member);
        foreach (ListedModel model in models)
        {
            Write(json, model);
        }
        json.WriteEndArray();
    }

    private sealed class OpenAIShape : ModelShape
    {
        public override ErrorWire Errors => ErrorWire.OpenAI;

        public override void Write(Utf8JsonWriter json, ListedModel model)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, model.Id);
            json.WriteString("object"u8, "model"u8);
            json.WriteNumber("created"u8, model.Created);
            json.WriteString("owned_by"u8, "inference-gateway"u8);
            json.WriteEndObject();
        }

        public override GatewayError? WriteList(Utf8JsonWriter json, IReadOnlyList<ListedModel> models, IQueryCollection query)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            WriteAll(json, "data"u8, models);
            json.WriteEndObject();
            return null;
        }
    }

    // Source: Anthropic API reference, "List Models".
    private sealed class AnthropicShape : ModelShape
    {
        public override ErrorWire Errors => ErrorWire.Anthropic;

        public override void Write(Utf8JsonWriter json, ListedModel model)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "model"u8);
            json.WriteString("id"u8, model.Id);
            json.WriteString("display_name"u8, model.Name);
            json.WriteString("created_at"u8, DateTimeOffset.FromUnixTimeSeconds(model.Created).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        public override GatewayError? WriteList(Utf8JsonWriter json, IReadOnlyList<ListedModel> models, IQueryCollection query)
        {
            if (AnthropicPage.TryTake(models, query, out AnthropicPage page) is { } error)
            {
                return error;
            }
            json.WriteStartObject();
            WriteAll(json, "data"u8, page.Models);
            json.WriteBoolean("has_more"u8, page.HasMore);
            json.WriteString("first_id"u8, page.Models.Count > 0 ? page.Models[0].Id : null);
            json.WriteString("last_id"u8, page.Models.Count > 0 ? page.Models[^1].Id : null);
            json.WriteEndObject();
            return null;
        }
    }

    private sealed class GeminiShape : ModelShape
    {
        public override ErrorWire Errors => ErrorWire.Gemini;

        public override void Write(Utf8JsonWriter json, ListedModel model)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "models/" + model.Id);
            json.WriteString("version"u8, "001"u8);
            json.WriteString("displayName"u8, model.Name);
            if (model.MaxOutputTokens is { } most)
            {
                json.WriteNumber("outputTokenLimit"u8, most);
            }
            json.WriteStartArray("supportedGenerationMethods"u8);
            json.WriteStringValue("generateContent"u8);
            json.WriteStringValue("streamGenerateContent"u8);
            json.WriteStringValue("countTokens"u8);
            json.WriteStringValue("embedContent"u8);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        public override GatewayError? WriteList(Utf8JsonWriter json, IReadOnlyList<ListedModel> models, IQueryCollection query)
        {
            json.WriteStartObject();
            WriteAll(json, "models"u8, models);
            json.WriteEndObject();
            return null;
        }
    }
}
