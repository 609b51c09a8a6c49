using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Alerts;

/// <summary>Judges the rules four times a minute, on one node of all; takes down what fires and what is over, and has it told.</summary>
internal sealed partial class AlertEvaluator(
    OperationDocuments documents,
    AlertReadings readings,
    AlertLease lease,
    AlertDelivery delivery,
    OperationEvents events,
    AdministrationDatabase database,
    DatabaseReady ready,
    GatewayCatalog catalog,
    TimeProvider time,
    ILogger<AlertEvaluator> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _oneLook = new(1, 1);
    private bool _holds;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_holds)
        {
            return;
        }
        _holds = false;
        try
        {
            await lease.ReleaseAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is OperationCanceledException)
        {
            // It runs out by itself.
        }
    }

    public override void Dispose()
    {
        _oneLook.Dispose();
        base.Dispose();
    }

    /// <summary>Looks at every rule, if this node is the one to do it; one look at a time.</summary>
    /// <returns>Whether it was.</returns>
    internal async Task<bool> EvaluateAsync(CancellationToken cancellationToken)
    {
        await _oneLook.WaitAsync(cancellationToken);
        try
        {
            return await LookAsync(cancellationToken);
        }
        finally
        {
            _oneLook.Release();
        }
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        _holds = await lease.TryHoldAsync(cancellationToken);
        if (!_holds)
        {
            return false;
        }
        IReadOnlyList<OperationDocument<AlertRule>> rules = await documents.ListAsync<AlertRule>(AlertRule.Kind, cancellationToken);
        Dictionary<string, AlertState> states = (await documents.ListAsync<AlertState>(AlertState.Kind, cancellationToken)).ToDictionary(s => s.Name, s => s.Body, StringComparer.Ordinal);
        foreach (OperationDocument<AlertRule> rule in rules)
        {
            AlertState before = states.GetValueOrDefault(rule.Id) ?? new AlertState(AlertPhase.Quiet, time.GetUtcNow());
            if (AlertMetric.Find(rule.Body.Metric) is { } metric && (rule.Body.Active || before.Phase != AlertPhase.Quiet))
            {
                try
                {
                    await JudgeAsync(rule, metric, before, cancellationToken);
                }
                catch (Exception e) when (e is not OperationCanceledException && !DatabaseErrors.IsFromDatabase(e))
                {
                    // One that cannot be judged must not keep the others from it.
                    LogNotJudged(e, rule.Name);
                }
            }
        }
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!ready.IsReady)
                {
                    continue;
                }
                try
                {
                    await EvaluateAsync(stoppingToken);
                }
                catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
                {
                    LogPutOff(DatabaseErrors.ReasonOf(e));
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFault(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task JudgeAsync(OperationDocument<AlertRule> rule, AlertMetric metric, AlertState before, CancellationToken cancellationToken)
    {
        AlertReading reading = rule.Body.Active ? await readings.ReadAsync(rule.Body, cancellationToken) : new AlertReading(null, "the rule was switched off");
        DateTimeOffset now = time.GetUtcNow();
        (AlertState next, AlertNews news) = before.After(rule.Body, metric, reading.Value, reading.Text, now);
        // First what is known, then what is told: told twice is worse than told by the next repeat.
        if (next.Phase != AlertPhase.Quiet || before.Phase != AlertPhase.Quiet)
        {
            await KeepAsync(rule.Id, next, cancellationToken);
        }
        if (news == AlertNews.Nothing)
        {
            return;
        }
        DateTimeOffset since = news == AlertNews.Resolved ? before.Since : next.Since;
        AlertNotice notice = NoticeOf(rule, metric, reading, news, since, now);
        if (news != AlertNews.Repeated)
        {
            string kind = news == AlertNews.Fired ? EventKinds.AlertFired : EventKinds.AlertResolved;
            events.Post(new OperationEvent(now, kind, rule.Id, rule.Name, new Dictionary<string, string?>
            {
                [OperationEvent.Cause] = notice.Text[(notice.Text.IndexOf(": ", StringComparison.Ordinal) + 2)..],
                ["severity"] = rule.Body.Severity,
                ["since"] = since.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            }));
        }
        delivery.Send(rule.Body.Channels, notice);
    }

    private AlertNotice NoticeOf(OperationDocument<AlertRule> rule, AlertMetric metric, AlertReading reading, AlertNews news, DateTimeOffset since, DateTimeOffset now)
    {
        string of = ScopeKinds.TryParse(rule.Body.Scope, out ScopeKind kind) && ScopeNames.Find(new CatalogDefinition(), catalog.Current.Definition, kind, rule.Body.Of) is { } found
            ? found.Name : rule.Body.Of;
        string value = reading.Value is { } known ? metric.Show(known) : "unknown";
        string detail = reading.Text.Length > 0 ? $" ({reading.Text})" : "";
        string word = news switch { AlertNews.Fired => "fires", AlertNews.Repeated => "still fires", _ => "is over" };
        return new AlertNotice
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Event = news.ToString().ToLowerInvariant(),
            RuleId = rule.Id,
            Rule = rule.Name,
            Severity = rule.Body.Severity,
            Metric = metric.Name,
            Scope = rule.Body.Scope,
            Of = of,
            Value = reading.Value,
            Threshold = rule.Body.Threshold,
            At = now,
            Since = since,
            Text = $"{rule.Name} {word}: {metric.Label} of {metric.Of(kind, of)}: {value}{detail}, threshold {metric.Show(rule.Body.Threshold)}.",
        };
    }

    private async Task KeepAsync(string ruleId, AlertState state, CancellationToken cancellationToken)
    {
        string body = AdministrationJson.Serialize(state);
        DateTimeOffset now = time.GetUtcNow();
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await context.Documents.Where(d => d.Kind == AlertState.Kind && d.Owner == "" && d.Name == ruleId)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.BodyJson, body).SetProperty(d => d.UpdatedAt, now), cancellationToken) == 0)
        {
            context.Documents.Add(new DocumentRow { Id = Guid.CreateVersion7(now).ToString("N"), Kind = AlertState.Kind, Owner = "", Name = ruleId, BodyJson = body, CreatedAt = now, UpdatedAt = now });
            await context.SaveChangesAsync(cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The alert rules could not be judged; it is tried again: {Reason}")]
    private partial void LogPutOff(string reason);

    [LoggerMessage(LogLevel.Error, "The alert rule {Rule} could not be judged; the others are")]
    private partial void LogNotJudged(Exception exception, string rule);

    [LoggerMessage(LogLevel.Error, "Judging the alert rules failed inside the gateway")]
    private partial void LogFault(Exception exception);
}
