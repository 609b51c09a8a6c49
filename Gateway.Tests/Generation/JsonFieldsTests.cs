using System.Text;
using Gateway.Core.Generation;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Generation;

public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData("""{"t":"\ud83d"}""", "\ufffd")]
    [InlineData("""{"t":"a\uDE00b"}""", "a\ufffdb")]
    [InlineData("""{"t":"\ud83d\ude00"}""", "😀")]
    [InlineData("""{"t":"\ud83d\ud83d\ude00\n\\\ud83d"}""", "\ufffd😀\n\\\ufffd")]
    [InlineData("""{"t":"\\ud83d"}""", "\\ud83d")]
    [InlineData("""{"t":"plain é"}""", "plain é")]
    public void Parse_HalfACharacter_IsReplacedAndTheRestIsLeftAlone(string json, string expected) =>
        JsonFields.Parse(Encoding.UTF8.GetBytes(json)).Text("t").ShouldBe(expected);
}
