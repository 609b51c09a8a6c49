using Gateway.Web.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class InterpolationTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a${NAME}b", "avalueb")]
    [InlineData("${NAME:-other}", "value")]
    [InlineData("${MISSING:-other}", "other")]
    [InlineData("${EMPTY:-other}", "other")]
    [InlineData("${MISSING}", "")]
    [InlineData("${MISSING:-}", "")]
    [InlineData("$${NAME}", "${NAME}")]
    [InlineData("$NAME and ${not a name}", "$NAME and ${not a name}")]
    public void Expand_Text_PutsVariablesIn(string text, string expected) =>
        Interpolation.Expand(text, name => name switch { "NAME" => "value", "EMPTY" => "", _ => null }).ShouldBe(expected);

    [Fact]
    public void Expand_ValueThatLooksLikeAVariable_IsNotExpandedAgain() =>
        Interpolation.Expand("${A}", name => name == "A" ? "${B}" : "secret of another").ShouldBe("${B}");
}
