using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Tools;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Schemas that a model is held to.</summary>
public sealed class AnthropicSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", null, false)]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":true}""", """{"type":"object","properties":{},"additionalProperties":false}""", true)]
    [InlineData("""{"type":"string","format":"email"}""", null, false)]
    [InlineData("""{"type":"string","format":"phone","maxLength":3,"description":"D"}""", """{"type":"string","description":"D (format: \u0022phone\u0022, maxLength: 3)"}""", true)]
    [InlineData("""{"type":"array","items":{"type":"object"},"minItems":1}""", """{"type":"array","items":{"type":"object","additionalProperties":false},"minItems":1}""", true)]
    [InlineData("""{"type":"array","minItems":2}""", """{"type":"array","description":"(minItems: 2)"}""", true)]
    [InlineData("""{"oneOf":[{"const":1},{"type":["object","null"]}]}""", """{"anyOf":[{"const":1},{"type":["object","null"],"additionalProperties":false}]}""", true)]
    [InlineData("""{"$ref":"#/$defs/x","$defs":{"x":{"type":"number","multipleOf":2}}}""", """{"$ref":"#/$defs/x","$defs":{"x":{"type":"number","description":"(multipleOf: 2)"}}}""", true)]
    public void Write_WhatAnthropicDoesNotEnforce_MovesIntoDescriptions(string schema, string? expected, bool bridged)
    {
        var notes = new ConversionNotes();
        var request = new GenerationRequest
        {
            Model = "claude-sonnet-4-5",
            Messages = [],
            Tools = [new FunctionTool("f") { Strict = true, Parameters = JsonFields.TryParse(schema) }],
            Origin = Wire.OpenAIChat,
        };

        JsonNode tool = AnthropicWire.Write(request, notes)["tools"]![0]!;

        JsonNode.DeepEquals(tool["input_schema"], JsonNode.Parse(expected ?? schema)).ShouldBeTrue(tool.ToJsonString());
        tool["strict"]!.GetValue<bool>().ShouldBeTrue();
        notes.Reasons.Any(r => r.What == "json_schema").ShouldBe(bridged);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{}},"additionalProperties":false}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{}}}},"required":["a"],"additionalProperties":false}""", null)]
    public void Read_AFormat_IsStrictElsewhereOnlyWhereItFits(string schema, bool? strict) =>
        AnthropicWire.Read("""{"model":"m","messages":[],"output_config":{"format":{"type":"json_schema","schema":§}}}""".Replace("§", schema, StringComparison.Ordinal)).Output!.Strict.ShouldBe(strict);
}
