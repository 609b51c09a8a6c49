using System.Text.RegularExpressions;
using Gateway.Core;
using Gateway.Core.Accounting;

namespace Gateway.Web.Administration.Configuration.Trial;

/// <summary>
/// Which limit refused a call, in words. A record holds a refusal's kind and its message, so both sides of a comparison are
/// read from those.
/// </summary>
internal static partial class RefusalReason
{
    private static readonly string RateLimited = GatewayErrorKind.RateLimited.ToName();
    private static readonly string TokensLimited = GatewayErrorKind.TokensLimited.ToName();
    private static readonly string Exhausted = GatewayErrorKind.BudgetExhausted.ToName();

    /// <summary>Whether one of the gateway's own limits or budgets refused it.</summary>
    public static bool IsOfLimits(UsageRecord record) =>
        !record.Admitted && (record.ErrorKind == RateLimited || record.ErrorKind == TokensLimited || record.ErrorKind == Exhausted);

    public static string Of(UsageRecord record) => Of(record.ErrorKind ?? "refused", record.ErrorMessage ?? "", record.KeyName);

    public static string Of(GatewayError error, string? keyName) => Of(error.KindName, error.Message, keyName);

    private static string Of(string kind, string message, string? keyName)
    {
        if (kind == Exhausted)
        {
            Match budget = Budget().Match(message);
            return budget.Success ? $"budget \"{budget.Groups["name"].Value}\"" : "budget";
        }
        if (kind != RateLimited && kind != TokensLimited)
        {
            return kind.Replace('_', ' ');
        }
        Match limit = Limit().Match(message);
        string what = kind == TokensLimited ? "tokens per minute" : limit.Success ? limit.Groups["what"].Value : "requests per minute";
        string whose = limit.Groups["whose"].Value;
        return whose.Length > 0 ? $"{what} of {whose}" : $"{what} of the key {keyName}";
    }

    [GeneratedRegex(@"limit reached for (?<what>requests per minute|tokens per minute|requests at the same time)( of (?<whose>.+?))?: limit ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Limit();

    [GeneratedRegex(@"^The budget ""(?<name>.+?)""( of .+?)? is exhausted", RegexOptions.CultureInvariant)]
    private static partial Regex Budget();
}
