using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Books what a capability's answer says it used.</summary>
internal static class CapabilityAccounts
{
    public static void Book(Call call, in CapabilityFacts facts)
    {
        if (facts.HasUsage)
        {
            call.Report(call.Reported.Source == Accounting.UsageSource.Reported ? Sum(call.Reported, facts.Usage) : facts.Usage);
        }
        call.Record.Units = facts.Units ?? call.Record.Units;
    }

    // Several pictures of one request each come with an event that reports its own share.
    private static Accounting.Usage Sum(Accounting.Usage a, Accounting.Usage b) => new(
        Accounting.UsageSource.Reported,
        a.InputTokens + b.InputTokens,
        a.CachedInputTokens + b.CachedInputTokens,
        a.CacheWriteTokens + b.CacheWriteTokens,
        a.OutputTokens + b.OutputTokens,
        a.ReasoningTokens + b.ReasoningTokens);
}
