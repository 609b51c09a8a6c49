using Gateway.Core.Catalog;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Operations;

/// <summary>A span of time in which a backend stood in one way.</summary>
/// <param name="State"><c>unknown</c> (before the first event that is kept), <c>ok</c>, <c>half_open</c>, <c>open</c>, <c>down</c> (its provider's check fails) or <c>draining</c>; the worst of all nodes.</param>
public sealed record TimelineSpan(DateTimeOffset From, DateTimeOffset To, string State);

/// <summary>How a backend stood over time.</summary>
/// <param name="Backend">Its id.</param>
public sealed record BackendTimeline(string Backend, IReadOnlyList<TimelineSpan> Spans);

/// <summary>Reads from the events how the backends stood over time.</summary>
internal sealed class BackendTimelines(AdministrationDatabase database, GatewayCatalog catalog)
{
    // A state that nobody ended is taken for over when it is older: nodes may have ended without a word.
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);
    private static readonly string[] Families = ["circuit.", "check.", "drain.", "node."];

    /// <summary>Of every backend in force, in no order.</summary>
    /// <param name="to">Not later than now.</param>
    public async Task<IReadOnlyList<BackendTimeline>> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        DateTimeOffset begin = from - DateTimeOffset.MinValue > LookBack ? from - LookBack : DateTimeOffset.MinValue;
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<OperationEventRow> events = await context.OperationEvents.AsNoTracking()
            .Where(e => e.At >= begin && e.At < to
                && (e.Kind.StartsWith(Families[0]) || e.Kind.StartsWith(Families[1]) || e.Kind.StartsWith(Families[2]) || e.Kind.StartsWith(Families[3])))
            .OrderBy(e => e.At).ThenBy(e => e.Id).ToListAsync(cancellationToken);
        DateTimeOffset known = await context.OperationEvents.MinAsync(e => (DateTimeOffset?)e.At, cancellationToken) ?? to;
        return [.. catalog.Current.Backends.Values.Select(b => new BackendTimeline(b.Id, SpansOf(b, events, known, from, to)))];
    }

    internal static IReadOnlyList<TimelineSpan> SpansOf(
        Backend backend, IReadOnlyList<OperationEventRow> events, DateTimeOffset known, DateTimeOffset from, DateTimeOffset to)
    {
        var nodes = new Dictionary<string, NodeState>(StringComparer.Ordinal);
        var spans = new List<TimelineSpan>();
        if (known > from)
        {
            spans.Add(new TimelineSpan(from, known < to ? known : to, "unknown"));
        }
        (DateTimeOffset since, string state) = (known > from ? known : from, "ok");
        foreach (OperationEventRow happened in events)
        {
            bool concerns = happened.SubjectId == backend.Id || happened.SubjectId == backend.Provider.Id || happened.Kind is EventKinds.NodeStart or EventKinds.NodeStop;
            if (!concerns)
            {
                continue;
            }
            nodes[happened.Node] = nodes.GetValueOrDefault(happened.Node).After(happened.Kind);
            string worst = Worst(nodes.Values);
            if (worst == state)
            {
                continue;
            }
            if (happened.At > since)
            {
                spans.Add(new TimelineSpan(since, happened.At, state));
                since = happened.At;
            }
            state = worst;
        }
        if (to > since)
        {
            spans.Add(new TimelineSpan(since, to, state));
        }
        return spans;
    }

    private static string Worst(IEnumerable<NodeState> nodes)
    {
        NodeState[] all = [.. nodes];
        return all.Any(n => n.Down) ? "down" : all.Any(n => n.Circuit == EventKinds.CircuitOpen) ? "open"
            : all.Any(n => n.Circuit == EventKinds.CircuitHalfOpen) ? "half_open" : all.Any(n => n.Draining) ? "draining" : "ok";
    }

    private readonly record struct NodeState(string? Circuit, bool Down, bool Draining)
    {
        public NodeState After(string kind) => kind switch
        {
            // A new process remembers nothing.
            EventKinds.NodeStart or EventKinds.NodeStop => default,
            EventKinds.CheckDown => this with { Down = true },
            EventKinds.CheckUp => this with { Down = false },
            EventKinds.DrainOn => this with { Draining = true },
            EventKinds.DrainOff => this with { Draining = false },
            _ => this with { Circuit = kind },
        };
    }
}
