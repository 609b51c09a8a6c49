using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Web.Administration;

/// <summary>Reads a property that is there, also as null, into an <see cref="Optional{T}"/> that has a value.</summary>
internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    /// <summary>Key in the data of a <see cref="JsonException"/>: the path below the optional value.</summary>
    public const string InnerPath = "inner-path";

    /// <summary>The whole path of what does not fit, such as <c>credentials[0].label</c>.</summary>
    public static string PathOf(JsonException e) =>
        ((e.Path ?? "$") + (e.Data[InnerPath] is string inner ? inner[1..] : ""))[1..].TrimStart('.');

    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OptionalConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class OptionalConverter<T> : JsonConverter<Optional<T?>>
    {
        public override bool HandleNull => true;

        public override Optional<T?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return new(default);
            }
            try
            {
                return new(JsonSerializer.Deserialize<T>(ref reader, options));
            }
            catch (JsonException e)
            {
                // Its path starts at this value. An exception without one gets the path to here from the outer reader.
                throw new JsonException(e.Message) { Data = { [InnerPath] = e.Data[InnerPath] is string deeper ? e.Path + deeper[1..] : e.Path } };
            }
        }

        public override void Write(Utf8JsonWriter writer, Optional<T?> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
