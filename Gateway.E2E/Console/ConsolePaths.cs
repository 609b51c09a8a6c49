namespace Gateway.E2E.Console;

internal static class ConsolePaths
{
    public static readonly IReadOnlyList<string> All =
        ["/", "/explore", "/requests", "/running", "/models", "/providers", "/routes", "/routes/new", "/keys", "/teams", "/budgets", "/prices", "/ledger", "/playground", "/settings", "/settings/audit",
            "/settings/sign-in", "/settings?tab=content", "/settings?tab=redaction", "/settings?tab=appearance", "/settings/backup",
            "/configuration", "/configuration/drafts", "/configuration/transfer",
            "/protocol-lab", "/protocol-lab?from=openai-chat&kind=request&sample=own",
            "/connect", "/me",
            "/operations", "/operations?tab=backends", "/operations?tab=alerts", "/operations?tab=incidents"];

    /// <summary>Addresses of nothing.</summary>
    public static readonly IReadOnlyList<string> Missing = ["/nope", "/budgets/nope", "/configuration/drafts/nope", "/routes/00000000-0000-0000-0000-000000000000"];

    /// <summary>Dialogs and panels: a name, the page, and the button or link that opens it.</summary>
    public static readonly IReadOnlyList<(string Name, string Path, string Opener)> Dialogs =
    [
        ("model", "/models", "Add model"), ("provider", "/providers", "Add provider"), ("team", "/teams", "Add team"), ("budget", "/budgets", "Add budget"), ("limit", "/budgets", "Set a limit"),
        ("price", "/prices", "Set price"), ("key", "/keys", "Issue key"), ("key-policy", "/keys", "What search-production may do"), ("key-rotate", "/keys", "Rotate search-production"), ("key-capture", "/keys", "Capture what is said with search-production"),
        ("slo", "/operations", "Set targets"), ("alert-rule", "/operations?tab=alerts", "Add rule"), ("alert-channel", "/operations?tab=alerts", "Add channel"), ("incident", "/operations?tab=incidents&range=15m", "Write incident"),
        ("dry-run", "/routes/new", "Dry run"), ("sign-in-rule", "/settings/sign-in", "Add rule"),
    ];

    /// <summary>Those that show teams and budgets, to look at again when there are some.</summary>
    public static readonly IReadOnlyList<string> Governed = ["/keys", "/teams", "/budgets"];
}
