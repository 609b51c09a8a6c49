using System.Globalization;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints;

/// <summary>How an API describes a model, and a list of them.</summary>
internal abstract class ModelShape
{
    public static readonly ModelShape OpenAI = new OpenAIShape();
    public static readonly ModelShape Anthropic = new AnthropicShape();
    public static readonly ModelShape Gemini = new GeminiShape();

    /// <summary>Whose envelope errors go into.</summary>
    public abstract ErrorWire Errors { get; }

    /// <param name="name">The model's name or one of its aliases.</param>
    public abstract void Write(Utf8JsonWriter json, string name, Model model);

    public abstract void WriteList(Utf8JsonWriter json, IReadOnlyList<(string Name, Model Model)> models);

    private void WriteAll(Utf8JsonWriter json, ReadOnlySpan<byte> member, IReadOnlyList<(string Name, Model Model)> models)
    {
        json.WriteStartArray(member);
        foreach ((string name, Model model) in models)
        {
            Write(json, name, model);
        }
        json.WriteEndArray();
    }

    private sealed class OpenAIShape : ModelShape
    {
        public override ErrorWire Errors => ErrorWire.OpenAI;

        public override void Write(Utf8JsonWriter json, string name, Model model)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, name);
            json.WriteString("object"u8, "model"u8);
            json.WriteNumber("created"u8, model.Created);
            json.WriteString("owned_by"u8, "inference-gateway"u8);
            json.WriteEndObject();
        }

        public override void WriteList(Utf8JsonWriter json, IReadOnlyList<(string Name, Model Model)> models)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            WriteAll(json, "data"u8, models);
            json.WriteEndObject();
        }
    }

    // Source: Anthropic API reference, "List Models". All are on the one page.
    private sealed class AnthropicShape : ModelShape
    {
        public override ErrorWire Errors => ErrorWire.Anthropic;

        public override void Write(Utf8JsonWriter json, string name, Model model)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "model"u8);
            json.WriteString("id"u8, name);
            json.WriteString("display_name"u8, model.Name);
            json.WriteString("created_at"u8, DateTimeOffset.FromUnixTimeSeconds(model.Created).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        public override void WriteList(Utf8JsonWriter json, IReadOnlyList<(string Name, Model Model)> models)
        {
            json.WriteStartObject();
            WriteAll(json, "data"u8, models);
            json.WriteBoolean("has_more"u8, false);
            json.WriteString("first_id"u8, models.Count > 0 ? models[0].Name : null);
            json.WriteString("last_id"u8, models.Count > 0 ? models[^1].Name : null);
            json.WriteEndObject();
        }
    }

    private sealed class GeminiShape : ModelShape
    {
        public override ErrorWire Errors => ErrorWire.Gemini;

        public override void Write(Utf8JsonWriter json, string name, Model model)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "models/" + name);
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

        public override void WriteList(Utf8JsonWriter json, IReadOnlyList<(string Name, Model Model)> models)
        {
            json.WriteStartObject();
            WriteAll(json, "models"u8, models);
            json.WriteEndObject();
        }
    }
}
