using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>Dollars: written as a decimal string, read from one or from a number.</summary>
internal sealed class NanoUsdJsonConverter : JsonConverter<NanoUsd>
{
    public override NanoUsd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        decimal dollars = 0;
        bool read = reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetDecimal(out dollars),
            JsonTokenType.String => decimal.TryParse(
                reader.GetString(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out dollars),
            _ => false,
        };
        if (!read || Math.Abs(dollars) > 1_000_000_000)
        {
            throw new JsonException("An amount is a number of dollars such as \"0.15\", at most a billion.");
        }
        return NanoUsd.FromDollars(dollars);
    }

    public override void Write(Utf8JsonWriter writer, NanoUsd value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>Instants in RFC 3339, always written in UTC with a <c>Z</c>.</summary>
internal sealed class UtcJsonConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // Without an offset it would mean the server's own time zone.
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out DateTimeOffset at)
            || !HasOffset(reader.GetString()!))
        {
            throw new JsonException("A time is in RFC 3339 with its offset, such as \"2026-12-31T23:59:59Z\".");
        }
        return at.ToUniversalTime();
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture));

    private static bool HasOffset(string text) =>
        text.EndsWith('Z') || text.EndsWith('z') || (text.IndexOf('T') is > 0 and var time && text.LastIndexOfAny(['+', '-']) > time);
}

/// <summary>Operations by the names that queries, logs and metrics have for them.</summary>
internal sealed class OperationJsonConverter : JsonConverter<Operation>
{
    public override Operation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? name = reader.GetString();
        return Array.Find(Enum.GetValues<Operation>(), o => o.ToName() == name) is var found && found.ToName() == name
            ? found : throw new JsonException($"There is no operation named \"{name}\".");
    }

    public override void Write(Utf8JsonWriter writer, Operation value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToName());
}
