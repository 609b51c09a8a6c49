namespace Gateway.Core.Generation;

/// <summary>Levels of thinking, least first.</summary>
public enum ReasoningEffort
{
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
}

/// <summary>Names of <see cref="ReasoningEffort"/> and the token budgets that stand for them where a wire wants a number.</summary>
public static class ReasoningEfforts
{
    private static readonly string[] Names = ["none", "minimal", "low", "medium", "high", "xhigh"];

    // What Google documents for its OpenAI-compatible surface (low 1,024, medium 8,192, high 24,576), continued.
    private static readonly int[] Budgets = [0, 512, 1024, 8192, 24576, 32768];

    public static string ToName(this ReasoningEffort effort) => Names[(int)effort];

    /// <summary>Tokens to think with.</summary>
    public static int ToBudget(this ReasoningEffort effort) => Budgets[(int)effort];

    /// <summary>Null when the name is none of the levels'.</summary>
    public static ReasoningEffort? Parse(string? name) => Array.IndexOf(Names, name) is >= 0 and var index ? (ReasoningEffort)index : null;

    /// <summary>The least level whose budget is not smaller.</summary>
    public static ReasoningEffort OfBudget(int tokens)
    {
        int level = 0;
        while (level < Budgets.Length - 1 && Budgets[level] < tokens)
        {
            level++;
        }
        return (ReasoningEffort)level;
    }
}
