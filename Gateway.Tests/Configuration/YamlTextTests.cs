using Gateway.Web.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class YamlTextTests
{
    [Theory]
    [InlineData("a: [\n  b: c\n")]
    [InlineData("a: &x [*x]")]
    [InlineData("a: *nothing")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: 1\n---\nb: 2")]
    [InlineData("\"")]
    [InlineData("a:\n\t- b")]
    public void TryParse_WhatIsNoYamlForUs_SaysSo(string text)
    {
        YamlText.TryParse(text, out _, out YamlError? error).ShouldBeFalse();
        error!.Line.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void TryParse_NestedDeeply_IsRefusedWithoutFollowingIt()
    {
        YamlText.TryParse(string.Concat(Enumerable.Repeat("- ", 100_000)), out _, out YamlError? error).ShouldBeFalse();
        error!.Message.ShouldContain("levels deep");
    }

    [Fact]
    public void TryParse_AliasesOfAliases_AreRefusedBeforeTheyAreFollowed()
    {
        string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        YamlText.TryParse(bomb, out _, out YamlError? error).ShouldBeFalse();
        error!.Message.ShouldContain("aliases");
    }

    [Fact]
    public void TryParse_AnchorsAsPeopleUseThem_AreTaken() => YamlText.TryParse("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n", out _, out _).ShouldBeTrue();
}
