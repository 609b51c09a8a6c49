using Gateway.Web.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class ConfigurationDocumentTests
{
    private static readonly string[] Rows =
        [.. File.ReadAllLines(RepositoryRoot.File("docs", "configuration.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal))];

    [Fact]
    public void Document_HoldsEverySettingAsItIs() => Rows.ShouldBe(KnownSettings.All.Select(Row));

    private static string Row(Setting s)
    {
        IEnumerable<string> names = s.Variables.Select(v => $"`{v}`").Concat(s.FileAlias is null ? [] : [$"`{s.FileAlias}` (file)"]);
        string accepts = s.Kind switch
        {
            SettingKind.Choice => string.Join(", ", s.Choices.Select(c => $"`{c}`")),
            SettingKind.Integer => "whole number",
            SettingKind.Flag => "true or false",
            _ => s.Kind.ToString().ToLowerInvariant(),
        };
        return $"| `{s.Key}` | {string.Join("<br>", names)} | {accepts} | {(s.Default is null ? "" : $"`{s.Default}`")} | {s.Meaning} |";
    }
}
