using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Catalog;

/// <content>Routes and their steps.</content>
internal sealed partial class CatalogBuilder
{
    private void AddRoute(RouteDefinition r, Dictionary<string, Model> models)
    {
        string path = $"routes[{r.Name}]";
        if (r.Steps.Count is 0 or > 20)
        {
            Error($"{path}.steps", "A route has 1 to 20 steps.");
        }
        IRoutingPolicy? policy = PolicyOf(path, r.RoutingPolicy);
        var steps = new List<RouteStep>();
        for (int i = 0; i < r.Steps.Count; i++)
        {
            if (BuildStep($"{path}.steps[{i}]", r.Steps[i], policy, models) is { } step)
            {
                steps.Add(step);
            }
        }
        if (r.HedgeAfter is { } hedge && (hedge < TimeSpan.FromMilliseconds(50) || hedge > TimeSpan.FromMinutes(1)))
        {
            Error($"{path}.hedge_after_ms", "50 to 60000 milliseconds.");
        }
        var route = new Route
        {
            Id = r.Id,
            Name = r.Name,
            Steps = [.. steps],
            RetryOn = ParseRetryOn($"{path}.retry_on", r.RetryOn),
            Policy = policy,
            HedgeAfter = r.HedgeAfter,
            RecoverStreams = r.RecoverStreams,
        };
        if (r.Active)
        {
            _routes[r.Name] = route;
        }
    }

    private RouteStep? BuildStep(string path, RouteStepDefinition s, IRoutingPolicy? policy, Dictionary<string, Model> models)
    {
        if ((s.Provider is null ? 0 : 1) + (s.Model is null ? 0 : 1) + (s.Backend is null ? 0 : 1) != 1)
        {
            Error(path, "A step names exactly one of provider, model and backend.");
            return null;
        }
        if (s.Retries is < 0 or > 10)
        {
            Error($"{path}.retries", "Retries are 0 to 10.");
        }
        if (s.Backoff is { } backoff && (backoff < TimeSpan.Zero || backoff > TimeSpan.FromMinutes(1)))
        {
            Error($"{path}.backoff_ms", "A backoff is 0 to 60000 milliseconds.");
        }
        CheckTimeouts(path, s.Timeouts);
        if (s.WarmupWait is { } warmup && (warmup < TimeSpan.Zero || warmup > TimeSpan.FromMinutes(10)))
        {
            Error($"{path}.warmup_wait_ms", "0 to 600000 milliseconds.");
        }
        Provider? provider = null;
        Model? model = null;
        Backend? backend = null;
        if (s.Provider is not null && !_providers.TryGetValue(s.Provider, out provider))
        {
            Error($"{path}.provider", $"There is no provider named \"{s.Provider}\".");
        }
        if (s.Model is not null && !models.TryGetValue(s.Model, out model))
        {
            Error($"{path}.model", $"There is no model named \"{s.Model}\".");
        }
        if (s.Backend is not null && !_backends.TryGetValue(s.Backend, out backend))
        {
            Error($"{path}.backend", $"There is no backend with id \"{s.Backend}\".");
        }
        Backend[] backends = (provider, model, backend) switch
        {
            (not null, _, _) when s.UpstreamModel is not null =>
                [NewBackend($"{provider.Id}/{s.UpstreamModel}", provider, s.UpstreamModel, 1, 0, provider.Active)],
            (_, not null, _) when s.UpstreamModel is not null =>
                [.. model.Backends.Select(b => NewBackend(b.Id, b.Provider, s.UpstreamModel, b.Weight, b.Priority, b.Active, b.Draining, b.MaxConcurrency))],
            (_, not null, _) => model.Backends,
            (_, _, not null) when s.UpstreamModel is not null =>
                [NewBackend(backend.Id, backend.Provider, s.UpstreamModel, backend.Weight, backend.Priority, backend.Active, backend.Draining, backend.MaxConcurrency)],
            (_, _, not null) => [backend],
            _ => [],
        };
        foreach (Backend b in backends)
        {
            _backends.TryAdd(b.Id, b);
        }
        return new RouteStep
        {
            Provider = provider,
            Model = model,
            UpstreamModel = s.UpstreamModel,
            Backends = [.. backends.Where(b => b.Active && b.Provider.Active)],
            Retries = s.Retries,
            Backoff = s.Backoff,
            Timeouts = s.Timeouts,
            Policy = policy ?? model?.Policy ?? RoutingPolicies.Weighted,
            WarmupWait = s.WarmupWait,
        };
    }

    private RetryOn ParseRetryOn(string path, IReadOnlyList<string>? names)
    {
        if (names is null)
        {
            return RetryOn.All;
        }
        RetryOn all = RetryOn.None;
        foreach (string name in names)
        {
            RetryOn one = name switch
            {
                "rate_limit" => RetryOn.RateLimit,
                "timeout" => RetryOn.Timeout | RetryOn.TimeoutAgain,
                "connection" => RetryOn.Connection,
                "server_error" => RetryOn.ServerError,
                "invalid_response" => RetryOn.InvalidResponse,
                "authentication" => RetryOn.Authentication,
                _ => RetryOn.None,
            };
            if (one == RetryOn.None)
            {
                Error(path, $"\"{name}\" is none of rate_limit, timeout, connection, server_error, invalid_response, authentication.");
            }
            all |= one;
        }
        return all;
    }
}
