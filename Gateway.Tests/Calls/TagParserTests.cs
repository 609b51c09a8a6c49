using Gateway.Web.Calls.Summaries;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Calls;

public sealed class TagParserTests
{
    [Theory]
    [InlineData("<analysis>think</analysis><final>answer</final>", "think", "answer")]
    [InlineData(" \n<analysis>think</analysis>\n\n<final>\nanswer</final>\nafterwards", "think\n\n", "answer")]
    [InlineData("plain answer < 3 and <b>", "", "plain answer < 3 and <b>")]
    [InlineData("<final>answer</final>", "", "answer")]
    [InlineData("<analysis>only thoughts", "only thoughts", "")]
    [InlineData("<analysis>thoughts</analysis> and more", "thoughts and more", "")]
    [InlineData("<analysis>a < b</analysis><final>c </fin d", "a < b", "c </fin d")]
    [InlineData("<anal", "", "<anal")]
    [InlineData("", "", "")]
    public void Text_HoweverItIsCut_IsToldApart(string text, string reasoning, string output)
    {
        for (int size = 1; size <= Math.Max(1, text.Length); size++)
        {
            var parser = new TagParser();
            string thoughts = "";
            string answer = "";
            foreach (char[] piece in text.Chunk(size))
            {
                (string r, string o) = parser.Add(new string(piece));
                (thoughts, answer) = (thoughts + r, answer + o);
            }
            (string lastReasoning, string lastOutput) = parser.End();
            (thoughts + lastReasoning, answer + lastOutput).ShouldBe((reasoning, output), $"pieces of {size}");
        }
    }

    [Fact]
    public void Answer_IsNotHeldBackForNothing()
    {
        var parser = new TagParser();
        parser.Add("<analysis>t</analysis><final>Hel").Output.ShouldBe("Hel");
        parser.Add("lo").Output.ShouldBe("lo");
    }
}
