namespace Gateway.E2E.Console;

internal static class ConsolePaths
{
    public static readonly IReadOnlyList<string> All =
        ["/", "/explore", "/requests", "/running", "/models", "/providers", "/routes", "/routes/new", "/keys", "/teams", "/budgets", "/ledger", "/playground", "/settings", "/settings/audit",
            "/settings/sign-in", "/settings?tab=content", "/settings?tab=redaction", "/settings?tab=appearance", "/settings/backup",
            "/configuration", "/configuration/drafts", "/configuration/transfer",
            "/protocol-lab", "/protocol-lab?from=openai-chat&kind=request&sample=own",
            "/connect", "/me",
            "/operations", "/operations?tab=backends", "/operations?tab=alerts", "/operations?tab=incidents"];

    /// <summary>Those that show teams and budgets, to look at again when there are some.</summary>
    public static readonly IReadOnlyList<string> Governed = ["/keys", "/teams", "/budgets"];
}
