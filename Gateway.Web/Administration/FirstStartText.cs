namespace Gateway.Web.Administration;

/// <summary>What the console window shows once.</summary>
internal static class FirstStartText
{
    private const string Rule = "────────────────────────────────────────────────────────────────────────────";

    public static string Compose(string baseUrl, string? password, string? key)
    {
        List<string> lines = ["", Rule, "  First start. This is shown once; keep what you need.", ""];
        if (password is not null)
        {
            lines.AddRange([$"  Console    {baseUrl}/", $"  User       {LocalAdministrator.UserName}", $"  Password   {password}", ""]);
        }
        if (key is not null)
        {
            lines.AddRange(
            [
                $"  API key    {key}",
                "",
                "  Try it:",
                "",
                $"  curl {baseUrl}/v1/chat/completions \\",
                $"    -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\",
                $"    -d '{{\"model\":\"{DemonstrationCatalog.ChatModel}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello!\"}}]}}'",
                "",
            ]);
        }
        lines.Add(Rule);
        return string.Join(Environment.NewLine, lines);
    }
}
