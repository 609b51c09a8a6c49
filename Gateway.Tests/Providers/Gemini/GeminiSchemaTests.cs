using System.Buffers;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers.Gemini;
using Shouldly;
using Xunit;
using static Gateway.Tests.Providers.Gemini.GeminiConversion;

namespace Gateway.Tests.Providers.Gemini;

public sealed class GeminiSchemaTests
{
    [Fact]
    public void ToJsonSchema_GooglesSubset_BecomesJsonSchema() => Normal(GeminiSchema.ToJsonSchema(Json("""
        {"type":"OBJECT","property_ordering":["type"],"required":["type"],"properties":{
          "type":{"type":"STRING","nullable":true,"enum":["a"]},
          "items":{"type":"ARRAY","min_items":"1","items":{"any_of":[{"type":"INTEGER"},{"type":"NUMBER","example":1.5}]}}}}
        """))).ShouldBe(Normal(Json("""
        {"type":"object","required":["type"],"properties":{
          "type":{"type":["string","null"],"enum":["a"]},
          "items":{"type":"array","minItems":1,"items":{"anyOf":[{"type":"integer"},{"type":"number","examples":[1.5]}]}}}}
        """)));

    [Fact]
    public void Subset_JsonSchema_IsWrittenOutForOldModels() => Normal(Subset("""
        {"type":"object","additionalProperties":false,"$defs":{"P":{"type":"object","properties":{"x":{"type":["integer","null"]}}}},
         "properties":{"p":{"$ref":"#/$defs/P"},"kind":{"const":"a"},"q":{"anyOf":[{"type":"string","format":"email"},{"type":"null"}]}}}
        """)).ShouldBe(Normal(Json("""
        {"type":"OBJECT","properties":{"p":{"type":"OBJECT","properties":{"x":{"type":"INTEGER","nullable":true}}},
         "kind":{"type":"STRING","enum":["a"]},"q":{"nullable":true,"anyOf":[{"type":"STRING"}]}}}
        """)));

    [Fact]
    public void Subset_SchemaThatRefersToItself_Ends()
    {
        JsonElement written = Subset("""{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}""");
        written.GetRawText().Length.ShouldBeLessThan(5000);
        Subset("""{"$ref":"#"}""").GetRawText().ShouldBe("""{"type":"OBJECT"}""");
    }

    [Fact]
    public void Subset_SchemaThatGrowsWithoutBound_IsRefused() => Should.Throw<GenerationFormatException>(() => Subset("""
        {"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"a":{"$ref":"#/$defs/N"},"b":{"$ref":"#/$defs/N"}}}}}
        """));

    private static JsonElement Subset(string schema)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = false }))
        {
            new GeminiSchemaSubset(writer, new ConversionNotes()).Write(Json(schema));
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
