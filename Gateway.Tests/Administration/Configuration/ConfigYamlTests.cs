using System.Text.Json.Nodes;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Configuration;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Gateway.Tests.Administration.Configuration;

public class ConfigYamlTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("true")]
    [InlineData("No")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("12")]
    [InlineData("1e5")]
    [InlineData("0x1F")]
    [InlineData("2026-01-01")]
    [InlineData("12:30")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("#b")]
    [InlineData("- a")]
    [InlineData("[a, b]")]
    [InlineData("{a: b}")]
    [InlineData("*anchor")]
    [InlineData("&anchor")]
    [InlineData("!tag")]
    [InlineData("%percent")]
    [InlineData("@at")]
    [InlineData(" leading")]
    [InlineData("trailing ")]
    [InlineData("two  spaces")]
    [InlineData("line\nbreak\n")]
    [InlineData("tab\tand\r\nreturn")]
    [InlineData("\"quoted\" and 'single'")]
    [InlineData("back\\slash")]
    [InlineData("ünïcödé 漢字 🙂")]
    [InlineData("\u0001\u007f\u0085\u2028\ufeff")]
    [InlineData("a:b")]
    [InlineData("https://example.com:8080/v1?x=1&y=2#z")]
    [InlineData("...")]
    [InlineData("---")]
    [InlineData("=")]
    [InlineData("?")]
    public void Write_AnyText_IsReadAsTheSame(string text)
    {
        var tree = new JsonObject { ["models"] = new JsonArray(new JsonObject { ["name"] = text, ["aliases"] = new JsonArray(text, text), ["default_params"] = new JsonObject { [text] = text, ["in"] = new JsonArray(new JsonObject { [text] = text }) } }) };

        string yaml = ConfigYaml.Write(tree, []);

        YamlText.TryParse(yaml, out YamlNode? root, out YamlError? error).ShouldBeTrue($"{error} in {yaml}");
        JsonNode.DeepEquals(JsonNode.Parse(YamlJson.Convert(root!, _ => null)), tree).ShouldBeTrue(yaml);
    }
}
