using Gateway.Web.Administration.Traffic;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Traffic;

public class CsvTests
{
    // OWASP, CSV injection: what a spreadsheet takes for the beginning of a formula.
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    // RFC 4180: else a name makes columns and lines of its own.
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("a\r\nb", "\"a\r\nb\"")]
    [InlineData("a=b", "a=b")]
    [InlineData("", "")]
    public void Line_OfText_StaysOneCellOfText(string text, string cell) => Csv.Line(["x", text, "y"]).ShouldBe($"x,{cell},y");

    [Fact]
    public void Line_OfFigures_HoldsThemAsTheyAre() => Csv.Line([-1, 2.5, true, null]).ShouldBe("-1,2.5,true,");
}
