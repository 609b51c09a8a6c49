namespace Gateway.Web.Administration.Operations;

/// <summary>An alert rule and where it stands, as pages and the admin API show it.</summary>
public sealed record AlertRuleView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary><c>error_rate_percent, duration_p95_ms, ttft_p95_ms, requests, open_circuits, slo_burn, spend_per_hour_usd, spend_per_day_usd</c> or <c>budget_used_percent</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>One of <c>key, team, model, provider, gateway</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The id of what it looks at; empty for the gateway.</summary>
    public required string Of { get; init; }
    public required string OfName { get; init; }
    public double Threshold { get; init; }
    public int WindowMinutes { get; init; }
    public int ForSeconds { get; init; }

    /// <summary><c>critical</c>, <c>warning</c> or <c>info</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>Ids.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];
    public int RepeatMinutes { get; init; }
    public int MinimumCalls { get; init; }
    public bool Active { get; init; }

    /// <summary><c>quiet</c>, <c>pending</c>, <c>firing</c> or <c>off</c>.</summary>
    public required string State { get; init; }

    /// <summary>Since when it is pending or firing.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What is measured now; null when nothing can be said.</summary>
    public double? Value { get; init; }

    /// <summary>The value in words.</summary>
    public required string Reading { get; init; }
}

/// <summary>What to set of a rule. A new one needs a name, a metric and a threshold.</summary>
internal sealed record AlertRuleChange
{
    public Optional<string?> Name { get; init; }

    /// <summary><c>error_rate_percent, duration_p95_ms, ttft_p95_ms, requests, open_circuits, slo_burn, spend_per_hour_usd, spend_per_day_usd</c> or <c>budget_used_percent</c>.</summary>
    public Optional<string?> Metric { get; init; }

    /// <summary>One of <c>key, team, model, provider, gateway</c>; gateway when left out of a new one.</summary>
    public Optional<string?> Scope { get; init; }

    /// <summary>Id or name of what it looks at.</summary>
    public Optional<string?> Of { get; init; }
    public Optional<double?> Threshold { get; init; }

    /// <summary>1 to 1440; 5 by default.</summary>
    public Optional<int?> WindowMinutes { get; init; }

    /// <summary>0 to 86400; 0 by default.</summary>
    public Optional<int?> ForSeconds { get; init; }

    /// <summary><c>critical</c>, <c>warning</c> (default) or <c>info</c>.</summary>
    public Optional<string?> Severity { get; init; }

    /// <summary>Ids or names.</summary>
    public Optional<IReadOnlyList<string>?> Channels { get; init; }

    /// <summary>0 to 10080; 60 by default, 0 tells once.</summary>
    public Optional<int?> RepeatMinutes { get; init; }

    /// <summary>0 to 1000000; 5 by default.</summary>
    public Optional<int?> MinimumCalls { get; init; }
    public Optional<bool?> Active { get; init; }
}

/// <summary>Where notices go, without what is secret.</summary>
public sealed record AlertChannelView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary><c>webhook</c> or <c>email</c>.</summary>
    public required string Type { get; init; }
    public bool Active { get; init; }

    /// <summary>Of a webhook: scheme and host; the rest of the address is kept secret.</summary>
    public string? Origin { get; init; }

    /// <summary>Whether it signs, or signs in.</summary>
    public bool HasSecret { get; init; }
    public string? Host { get; init; }
    public int? Port { get; init; }

    /// <summary><c>starttls</c>, <c>tls</c> or <c>none</c>.</summary>
    public string? Security { get; init; }
    public string? User { get; init; }
    public string? From { get; init; }
    public IReadOnlyList<string> To { get; init; } = [];
}

/// <summary>What to set of a channel. A new one needs a name, a type, and a URL or host, from and to.</summary>
internal sealed record AlertChannelChange
{
    public Optional<string?> Name { get; init; }

    /// <summary><c>webhook</c> or <c>email</c>; stays what it is.</summary>
    public Optional<string?> Type { get; init; }
    public Optional<bool?> Active { get; init; }

    /// <summary>Of a webhook.</summary>
    public Optional<string?> Url { get; init; }

    /// <summary>Signs what a webhook gets; or the mail server's password. Null removes it.</summary>
    public Optional<string?> Secret { get; init; }
    public Optional<string?> Host { get; init; }

    /// <summary>587 by default.</summary>
    public Optional<int?> Port { get; init; }

    /// <summary><c>starttls</c> (default), <c>tls</c> or <c>none</c>.</summary>
    public Optional<string?> Security { get; init; }
    public Optional<string?> User { get; init; }
    public Optional<string?> From { get; init; }
    public Optional<IReadOnlyList<string>?> To { get; init; }
}

/// <summary>How a test went.</summary>
public sealed record AlertTestView(bool Taken, string Result);
