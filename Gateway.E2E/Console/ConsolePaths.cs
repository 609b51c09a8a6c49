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

    /// <summary>Dialogs and panels: a name, the page, the button or link that opens it, and what is there when it is open.</summary>
    public static readonly IReadOnlyList<(string Name, string Path, string Opener, string Opens)> Dialogs =
    [
        ("model", "/models", "Add model", Form), ("provider", "/providers", "Add provider", Form), ("team", "/teams", "Add team", Form), ("budget", "/budgets", "Add budget", Form), ("limit", "/budgets", "Set a limit", Form),
        ("price", "/prices", "Set price", Form), ("key", "/keys", "Issue key", Form), ("key-policy", "/keys", "What search-production may do", ".rz-dialog .policy"), ("key-rotate", "/keys", "Rotate search-production", Form), ("key-capture", "/keys", "Capture what is said with search-production", Form),
        ("slo", "/operations", "Set targets", Form), ("alert-rule", "/operations?tab=alerts", "Add rule", Form), ("alert-channel", "/operations?tab=alerts", "Add channel", Form), ("incident", "/operations?tab=incidents&range=15m", "Write incident", ".incident-text"),
        ("dry-run", "/routes/new", "Dry run", ".dry-run [role=status] > *"), ("sign-in-rule", "/settings/sign-in", "Add rule", ".sign-in-rule"),
    ];

    private const string Form = ".rz-dialog form";

    /// <summary>Those that show teams and budgets, to look at again when there are some.</summary>
    public static readonly IReadOnlyList<string> Governed = ["/keys", "/teams", "/budgets"];
}
