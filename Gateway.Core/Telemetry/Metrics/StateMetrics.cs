using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Health;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;

namespace Gateway.Core.Telemetry.Metrics;

/// <summary>How the gateway stands, read from its live state when somebody asks.</summary>
public sealed class StateMetrics(GatewayCatalog catalog, RunningCalls running, LoadGates load, TimeProvider time) : IMetricSource
{
    // Of each sort; a catalog beyond it is shown in part rather than at any length.
    private const int Most = 1000;

    /// <inheritdoc/>
    public void Write(ExpositionWriter writer)
    {
        CatalogSnapshot snapshot = catalog.Current;
        (int calls, int streams) = running.Count();
        writer.Family(MetricType.Gauge, "gateway_active_requests", "Admitted requests that are being served.");
        writer.Sample(calls);
        writer.Family(MetricType.Gauge, "gateway_active_streams", "Those of them that asked for a stream.");
        writer.Sample(streams);
        WriteBackends(writer, [.. snapshot.Backends.Values.Where(b => b.Active && b.Provider.Active).OrderBy(b => b.Id, StringComparer.Ordinal).Take(Most)]);
        WriteQueues(writer, snapshot);
        WriteCredentials(writer, snapshot);
        WriteBudgets(writer, snapshot);
    }

    private void WriteBackends(ExpositionWriter writer, Backend[] backends)
    {
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        // A circuit that only tries whether the backend is back does not count: it would flap.
        WriteBackends(writer, backends, "gateway_backend_up", "1: its circuit is closed and its provider's checks do not fail; else 0.",
            b => b.State.Breaker.StateAt(now) == BreakerState.Closed && !b.Provider.State.Check.IsDown ? 1 : 0);
        WriteBackends(writer, backends, "gateway_circuit_state", "0: closed, calls go through; 1: half open; 2: open.", b => (long)b.State.Breaker.StateAt(now));
        WriteBackends(writer, backends, "gateway_backend_draining", "1: it takes no new calls because an operator said so; else 0.", b => b.IsDraining ? 1 : 0);
        WriteBackends(writer, backends, "gateway_backend_active_requests", "Calls that it is answering.", b => b.State.InFlight);
    }

    private static void WriteBackends(ExpositionWriter writer, Backend[] backends, string name, string help, Func<Backend, long> value)
    {
        writer.Family(MetricType.Gauge, name, help);
        foreach (Backend backend in backends)
        {
            writer.Sample(value(backend), new("backend", backend.Id), new("provider", backend.Provider.Name), new("upstream_model", backend.UpstreamModel));
        }
    }

    private void WriteQueues(ExpositionWriter writer, CatalogSnapshot snapshot)
    {
        writer.Family(MetricType.Gauge, "gateway_queue_waiting", "Requests that wait for their turn: for one of the process's places, or of a model's.");
        writer.Sample(load.Waiting, new("queue", "process"), new("model", ""));
        foreach (Model model in snapshot.Models.Take(Most))
        {
            writer.Sample(model.State.Gate.Waiting + model.State.Queue.Waiting, new("queue", "model"), new("model", model.Name));
        }
    }

    private void WriteCredentials(ExpositionWriter writer, CatalogSnapshot snapshot)
    {
        writer.Family(MetricType.Gauge, "gateway_credentials", "Credentials of a provider that can be used now, and that cannot (refused, out of quota, at their limit).");
        foreach (Provider provider in snapshot.Providers.Values.Where(p => p.Active && p.Pool.Length > 0).OrderBy(p => p.Name, StringComparer.Ordinal).Take(Most))
        {
            int available = CredentialStatus.Of(provider, time).Count(c => c.Available);
            writer.Sample(available, new("provider", provider.Name), new("state", "available"));
            writer.Sample(provider.Pool.Length - available, new("provider", provider.Name), new("state", "unavailable"));
        }
    }

    private void WriteBudgets(ExpositionWriter writer, CatalogSnapshot snapshot)
    {
        DateTimeOffset now = time.GetUtcNow();
        // Names need not be unique, samples must be: of several of one name and scope the one that is nearest its end is shown.
        (string Name, string Scope, BudgetState State)[] budgets =
        [
            .. snapshot.Scopes.Values.SelectMany(s => s.Budgets, (s, b) => (b.Name, Scope: s.Kind.ToName(), State: b.Meter.Read(b, now)))
                .Where(b => b.State.Amount.Value > 0)
                .GroupBy(b => (b.Name, b.Scope)).Select(g => g.MaxBy(b => RatioOf(b.State))).OrderBy(b => b.Name, StringComparer.Ordinal).Take(Most),
        ];
        writer.Family(MetricType.Gauge, "gateway_budget_spent_ratio", "What was spent in a budget's present window as a part of its amount: 1 is all of it.");
        foreach ((string name, string scope, BudgetState state) in budgets)
        {
            writer.Sample(RatioOf(state), new("budget", name), new("scope", scope));
        }
        writer.Family(MetricType.Gauge, "gateway_budget_limit_usd", "A budget's amount in its present window.");
        foreach ((string name, string scope, BudgetState state) in budgets)
        {
            writer.Sample(state.Amount.ToDollars(), new("budget", name), new("scope", scope));
        }
    }

    private static double RatioOf(in BudgetState state) => (double)state.Spent.Value / state.Amount.Value;
}
