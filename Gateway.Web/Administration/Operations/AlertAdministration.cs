using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Alerts;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration.Operations;

/// <summary>Alert rules: what to watch, and whom to tell.</summary>
internal sealed class AlertAdministration(OperationDocuments documents, AlertReadings readings, GatewayCatalog catalog)
{
    private const string What = "alert rule";
    private const int Most = 200;

    /// <summary>All, those that fire first; each with what is measured now.</summary>
    public async Task<IReadOnlyList<AlertRuleView>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<OperationDocument<AlertRule>> rules = await documents.ListAsync<AlertRule>(AlertRule.Kind, cancellationToken);
        Dictionary<string, AlertState> states = (await documents.ListAsync<AlertState>(AlertState.Kind, cancellationToken)).ToDictionary(s => s.Name, s => s.Body, StringComparer.Ordinal);
        var views = new List<AlertRuleView>();
        foreach (OperationDocument<AlertRule> rule in rules)
        {
            views.Add(View(rule, states.GetValueOrDefault(rule.Id), await MeasureAsync(rule.Body, cancellationToken)));
        }
        return [.. views.OrderByDescending(v => v.State switch { "firing" => 2, "pending" => 1, _ => 0 }).ThenBy(v => v.Name, StringComparer.Ordinal)];
    }

    /// <summary>Those that fire, with what was measured when they were last looked at: nothing is measured for it.</summary>
    public async Task<IReadOnlyList<AlertRuleView>> FiringAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, AlertState> firing = (await documents.ListAsync<AlertState>(AlertState.Kind, cancellationToken))
            .Where(s => s.Body.Phase == AlertPhase.Firing).ToDictionary(s => s.Name, s => s.Body, StringComparer.Ordinal);
        return firing.Count == 0 ? [] :
        [
            .. (await documents.ListAsync<AlertRule>(AlertRule.Kind, cancellationToken)).Where(r => r.Body.Active && firing.ContainsKey(r.Id))
                .Select(r => View(r, firing[r.Id], new AlertReading(firing[r.Id].Value, firing[r.Id].Text))).OrderBy(v => v.Name, StringComparer.Ordinal),
        ];
    }

    public async Task<AdministrationResult<AlertRuleView>> GetAsync(string id, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(v => v.Id == id) is { } view ? view : AdministrationFailure.NotFound(What, id);

    public async Task<AdministrationResult<AlertRuleView>> CreateAsync(AlertRuleChange change, Actor actor, CancellationToken cancellationToken) =>
        (await documents.ListAsync<AlertRule>(AlertRule.Kind, cancellationToken)).Count < Most
            ? await SaveAsync(null, change, actor, cancellationToken)
            : AdministrationFailure.Invalid("", $"There are {Most} rules already; delete some first.");

    public async Task<AdministrationResult<AlertRuleView>> UpdateAsync(string id, AlertRuleChange change, Actor actor, CancellationToken cancellationToken) =>
        await documents.FindAsync<AlertRule>(AlertRule.Kind, id, cancellationToken) is { } current
            ? await SaveAsync(current, change, actor, cancellationToken)
            : AdministrationFailure.NotFound(What, id);

    public Task<AdministrationResult<string>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) => AdministrationDatabase.TryAsync<string>(async () =>
    {
        if (await documents.FindAsync<AlertRule>(AlertRule.Kind, id, cancellationToken) is not { } current)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        var note = new AuditNote("alert_rule.delete", id, current.Name, current.Body, null);
        return await documents.DeleteAsync(AlertRule.Kind, What, id, note, actor, cancellationToken, AlertState.Kind) is { } failure ? failure : id;
    });

    // One that cannot be measured, which the log of the judging says, must not hide the others.
    private async Task<AlertReading> MeasureAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        try
        {
            return rule.Active ? await readings.ReadAsync(rule, cancellationToken) : default;
        }
        catch (Exception e) when (e is not OperationCanceledException && !DatabaseErrors.IsFromDatabase(e))
        {
            return new AlertReading(null, "could not be measured");
        }
    }

    private async Task<AdministrationResult<AlertRuleView>> SaveAsync(
        OperationDocument<AlertRule>? current, AlertRuleChange change, Actor actor, CancellationToken cancellationToken)
    {
        var problems = new List<CatalogError>();
        void Check(bool fits, string path, string message)
        {
            if (!fits)
            {
                problems.Add(new CatalogError(path, message));
            }
        }
        AlertRule? old = current?.Body;
        string name = (change.Name.HasValue ? change.Name.Value : current?.Name)?.Trim() ?? "";
        string? given = change.Metric.HasValue ? change.Metric.Value : old?.Metric;
        AlertMetric? metric = AlertMetric.Find(given);
        string scopeName = change.Scope.Or(old?.Scope) ?? ScopeKind.Gateway.ToName();
        bool known = ScopeKinds.TryParse(scopeName, out ScopeKind scope);
        string? of = change.Of.HasValue ? change.Of.Value : change.Scope.HasValue ? "" : old?.Of;
        (string Id, string Name)? found = known ? ScopeNames.Find(new CatalogDefinition(), catalog.Current.Definition, scope, of) : null;
        double? threshold = change.Threshold.Or(old?.Threshold);
        IReadOnlyList<string> channels = change.Channels.Or(old?.Channels) ?? [];
        IReadOnlyList<OperationDocument<AlertChannel>> all = await documents.ListAsync<AlertChannel>(AlertChannel.Kind, cancellationToken);
        var rule = new AlertRule
        {
            Metric = metric?.Name ?? "",
            Scope = scope.ToName(),
            Of = found?.Id ?? "",
            Threshold = threshold ?? 0,
            WindowMinutes = change.WindowMinutes.Or(old?.WindowMinutes ?? 5) ?? 5,
            ForSeconds = change.ForSeconds.Or(old?.ForSeconds ?? 0) ?? 0,
            Severity = change.Severity.Or(old?.Severity ?? "warning") ?? "warning",
            Channels = [.. channels.Select(c => all.FirstOrDefault(a => a.Id == c || a.Name == c)?.Id).OfType<string>().Distinct()],
            RepeatMinutes = change.RepeatMinutes.Or(old?.RepeatMinutes ?? 60) ?? 60,
            MinimumCalls = change.MinimumCalls.Or(old?.MinimumCalls ?? 5) ?? 5,
            Active = change.Active.Or(old?.Active ?? true) ?? true,
        };
        Check(name.Length is > 0 and <= 100 && !name.Any(char.IsControl), "name", "A name of 1 to 100 characters is needed.");
        Check(metric is not null, "metric", $"One of {string.Join(", ", AlertMetric.All.Select(m => m.Name))}.");
        Check(known, "scope", $"One of {string.Join(", ", ScopeKinds.All)}.");
        Check(metric is null || !known || metric.Scopes.Contains(scope), "scope", $"This is measured of {string.Join(", ", metric?.Scopes.Select(s => s.ToName()) ?? [])} only.");
        Check(!known || found is not null, "of", $"There is no {scopeName} \"{of}\".");
        Check(threshold is > 0 and < 1e12, "threshold", "A number more than 0 is needed.");
        Check(rule.WindowMinutes is >= 1 and <= 1440, "window_minutes", "1 to 1440 minutes.");
        Check(rule.ForSeconds is >= 0 and <= 86_400, "for_seconds", "0 to 86400 seconds.");
        Check(AlertRule.Severities.Contains(rule.Severity), "severity", $"One of {string.Join(", ", AlertRule.Severities)}.");
        Check(channels.All(c => c is not null && all.Any(a => a.Id == c || a.Name == c)), "channels", "Ids or names of channels that there are.");
        Check(rule.RepeatMinutes is >= 0 and <= 10_080, "repeat_minutes", "0 to 10080 minutes.");
        Check(rule.MinimumCalls is >= 0 and <= 1_000_000, "minimum_calls", "0 to 1000000.");
        if (problems.Count > 0)
        {
            return AdministrationFailure.Invalid(problems);
        }
        AdministrationResult<OperationDocument<AlertRule>> saved = await documents.SaveAsync(
            AlertRule.Kind, What, current?.Id, name, rule,
            id => new AuditNote(current is null ? "alert_rule.create" : "alert_rule.update", id, name, old, rule), actor, cancellationToken);
        return saved.IsDone ? await GetAsync(saved.Value.Id, cancellationToken) : new AdministrationFailure(saved.Outcome, saved.Errors);
    }

    private AlertRuleView View(OperationDocument<AlertRule> rule, AlertState? state, AlertReading reading)
    {
        AlertRule body = rule.Body;
        AlertMetric? metric = AlertMetric.Find(body.Metric);
        (string Id, string Name)? of = ScopeKinds.TryParse(body.Scope, out ScopeKind kind) ? ScopeNames.Find(new CatalogDefinition(), catalog.Current.Definition, kind, body.Of) : null;
        string value = reading.Value is { } number && metric is not null ? metric.Show(number) : "";
        return new AlertRuleView
        {
            Id = rule.Id,
            Name = rule.Name,
            Metric = body.Metric,
            Scope = body.Scope,
            Of = body.Of,
            OfName = of is { } found ? metric?.Of(kind, found.Name) ?? found.Name : body.Of,
            Threshold = body.Threshold,
            WindowMinutes = body.WindowMinutes,
            ForSeconds = body.ForSeconds,
            Severity = body.Severity,
            Channels = body.Channels,
            RepeatMinutes = body.RepeatMinutes,
            MinimumCalls = body.MinimumCalls,
            Active = body.Active,
            State = !body.Active ? "off" : (state?.Phase ?? AlertPhase.Quiet).ToString().ToLowerInvariant(),
            Since = state is { Phase: not AlertPhase.Quiet } && body.Active ? state.Since : null,
            Value = reading.Value,
            Reading = value.Length == 0 ? reading.Text ?? "" : string.IsNullOrEmpty(reading.Text) ? value : $"{value} ({reading.Text})",
        };
    }
}
