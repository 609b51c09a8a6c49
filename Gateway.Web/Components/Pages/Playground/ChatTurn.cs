using System.Text;
using Gateway.Core.Accounting;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A question and what became of it.</summary>
internal sealed class ChatTurn(string question)
{
    public string Question { get; } = question;
    public StringBuilder Answer { get; } = new();
    public StringBuilder Reasoning { get; } = new();

    /// <summary>What was answered when the question was recorded; null for a question of now.</summary>
    public string? Recorded { get; init; }

    /// <summary>What the gateway said instead of an answer, or in the middle of one.</summary>
    public string? Error { get; set; }
    public bool Running { get; set; } = true;
    public bool Stopped { get; set; }

    /// <summary>The call's entry in the books; null while it runs.</summary>
    public UsageRecord? Record { get; set; }
}
