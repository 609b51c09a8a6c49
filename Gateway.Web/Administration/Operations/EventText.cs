using Gateway.Web.Health;

namespace Gateway.Web.Administration.Operations;

/// <summary>Events in words.</summary>
internal static class EventText
{
    public static string Of(string kind, string subject, string? cause)
    {
        string what = kind switch
        {
            EventKinds.CircuitOpen => $"The circuit of {subject} opened",
            EventKinds.CircuitHalfOpen => $"The circuit of {subject} is half open",
            EventKinds.CircuitClosed => $"The circuit of {subject} closed",
            EventKinds.CheckDown => $"The health check of {subject} fails",
            EventKinds.CheckUp => $"The health check of {subject} is well again",
            EventKinds.DrainOn => $"{subject} is draining",
            EventKinds.DrainOff => $"{subject} takes calls again",
            EventKinds.ChaosStart => $"A fault on purpose began on {subject}",
            EventKinds.ChaosEnd => $"A fault on purpose ended on {subject}",
            EventKinds.BudgetCrossed => $"The budget {subject} crossed a mark",
            EventKinds.AlertFired => $"The alert {subject} fired",
            EventKinds.AlertResolved => $"The alert {subject} is over",
            EventKinds.AlertSent => $"{subject} was told",
            EventKinds.AlertUnsent => $"{subject} could not be told",
            EventKinds.NodeStart => $"The node {subject} started",
            EventKinds.NodeStop => $"The node {subject} stopped",
            EventKinds.DatabaseLost => "The database cannot be reached",
            EventKinds.DatabaseBack => "The database is back",
            EventKinds.RedisLost => "Redis is of no use",
            EventKinds.RedisBack => "Redis is back",
            _ => $"{kind} {subject}",
        };
        return cause is null ? what : $"{what}: {cause}";
    }
}
