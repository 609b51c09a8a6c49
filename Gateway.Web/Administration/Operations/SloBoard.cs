using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Operations;

/// <summary>The models' targets, and how they stand by the rollups.</summary>
internal sealed class SloBoard(OperationDocuments documents, UsageQueries usage, GatewayCatalog catalog, TimeProvider time)
{
    public const string Kind = "slo";

    private const string What = "target";

    /// <summary>Of a hundred first tokens five may come later than the target says.</summary>
    private const double SlowAllowed = 0.05;

    private static readonly int[] Days = [7, 28, 30];

    /// <summary>All, those that stand worst first.</summary>
    public async Task<IReadOnlyList<SloView>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<OperationDocument<SloTarget>> targets = await documents.ListAsync<SloTarget>(Kind, cancellationToken);
        if (targets.Count == 0)
        {
            return [];
        }
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan[] lengths = [.. BurnRate.Windows.SelectMany(w => new[] { w.Length, w.Recent }).Concat(targets.Select(t => TimeSpan.FromDays(t.Body.WindowDays))).Distinct()];
        var sums = new Dictionary<TimeSpan, Dictionary<string, UsageSums>>();
        foreach (TimeSpan length in lengths)
        {
            // The minute that runs is counted in.
            UsageReport report = await usage.ReadAsync(new UsageQuery { From = now - length, To = now.AddMinutes(1), GroupBy = UsageGrouping.Model }, cancellationToken);
            sums[length] = report.Groups.ToDictionary(g => g.Name, g => g.Sums, StringComparer.Ordinal);
        }
        return [.. targets.Select(t => View(t, sums)).OrderByDescending(v => Rank(v.Status)).ThenBy(v => v.Model, StringComparer.Ordinal)];
    }

    public async Task<AdministrationResult<SloView>> GetAsync(string id, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(v => v.Id == id) is { } view ? view : AdministrationFailure.NotFound(What, id);

    public Task<AdministrationResult<SloView>> CreateAsync(SloChange change, Actor actor, CancellationToken cancellationToken) =>
        SaveAsync(null, change, actor, cancellationToken);

    public async Task<AdministrationResult<SloView>> UpdateAsync(string id, SloChange change, Actor actor, CancellationToken cancellationToken) =>
        await documents.FindAsync<SloTarget>(Kind, id, cancellationToken) is { } current
            ? await SaveAsync(current, change, actor, cancellationToken)
            : AdministrationFailure.NotFound(What, id);

    public Task<AdministrationResult<string>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) => AdministrationDatabase.TryAsync<string>(async () =>
    {
        if (await documents.FindAsync<SloTarget>(Kind, id, cancellationToken) is not { } current)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        var note = new AuditNote("slo.delete", id, NameOf(current.Name), current.Body, null);
        return await documents.DeleteAsync(Kind, What, id, note, actor, cancellationToken) is { } failure ? failure : id;
    });

    private async Task<AdministrationResult<SloView>> SaveAsync(
        OperationDocument<SloTarget>? current, SloChange change, Actor actor, CancellationToken cancellationToken)
    {
        var problems = new List<CatalogError>();
        void Check(bool fits, string path, string message)
        {
            if (!fits)
            {
                problems.Add(new CatalogError(path, message));
            }
        }
        string? asked = change.Model.HasValue ? change.Model.Value : current?.Name;
        ModelDefinition? model = catalog.Current.Definition.Models.FirstOrDefault(m => m.Id == asked) ?? catalog.Current.Definition.Models.FirstOrDefault(m => m.Name == asked);
        var target = new SloTarget(
            change.TtftP95Ms.Or(current?.Body.TtftP95Ms), change.ErrorRatePercent.Or(current?.Body.ErrorRatePercent), change.WindowDays.Or(current?.Body.WindowDays ?? 30) ?? 30);
        Check(model is not null, "model", asked is null ? "Say which model the targets are for." : $"There is no model \"{asked}\".");
        Check(target.TtftP95Ms is not null || target.ErrorRatePercent is not null, "error_rate_percent", "Set one of the targets, or both.");
        Check(target.TtftP95Ms is null or (> 0 and <= 3_600_000), "ttft_p95_ms", "More than 0, and at most 3600000 milliseconds.");
        Check(target.ErrorRatePercent is null or (> 0 and < 100), "error_rate_percent", "More than 0 and less than 100: no service is without failures, and a budget of nothing cannot be kept.");
        Check(Days.Contains(target.WindowDays), "window_days", "7, 28 or 30.");
        if (problems.Count > 0)
        {
            return AdministrationFailure.Invalid(problems);
        }
        AdministrationResult<OperationDocument<SloTarget>> saved = await documents.SaveAsync(
            Kind, "target", current?.Id, model!.Id, target,
            id => new AuditNote(current is null ? "slo.create" : "slo.update", id, model.Name, current?.Body, target), actor, cancellationToken);
        return !saved.IsDone
            ? saved.Outcome == AdministrationOutcome.Conflict
                ? new AdministrationFailure(saved.Outcome, [new CatalogError("model", $"{model.Name} has targets already; change those.")])
                : new AdministrationFailure(saved.Outcome, saved.Errors)
            : await GetAsync(saved.Value.Id, cancellationToken);
    }

    private SloView View(OperationDocument<SloTarget> target, Dictionary<TimeSpan, Dictionary<string, UsageSums>> sums)
    {
        string name = NameOf(target.Name);
        UsageSums Over(TimeSpan length) => sums[length].GetValueOrDefault(name) ?? new UsageSums();
        Dictionary<TimeSpan, SloCount> Counts(Func<UsageSums, SloCount> count) => sums.Keys.ToDictionary(l => l, l => count(Over(l)));
        (int days, UsageSums whole) = (target.Body.WindowDays, Over(TimeSpan.FromDays(target.Body.WindowDays)));
        var objectives = new List<SloObjective>();
        SloStatus worst = SloStatus.Ok;
        void Add(string objective, double wanted, double allowed, double? actual, Dictionary<TimeSpan, SloCount> counts)
        {
            (SloStatus status, IReadOnlyList<SloBurn> burn) = BurnRate.Judge(counts, allowed, days);
            double? bad = counts[TimeSpan.FromDays(days)].BadShare;
            objectives.Add(new SloObjective(objective, wanted, actual, 100 * (1 - bad), 100 * (1 - (bad / allowed)), status.ToName(), burn));
            worst = status > worst ? status : worst;
        }
        if (target.Body.ErrorRatePercent is { } percent)
        {
            Add("errors", percent, percent / 100, whole.Requests == 0 ? null : 100d * whole.Errors / whole.Requests, Counts(s => new SloCount(s.Requests, s.Errors)));
        }
        if (target.Body.TtftP95Ms is { } ms)
        {
            long limit = (long)(ms * 1000);
            Add("ttft", ms, SlowAllowed, whole.TimeToFirstToken.Percentile(0.95) / 1000d, Counts(s => new SloCount(s.TimeToFirstToken.Count, s.TimeToFirstToken.CountAbove(limit))));
        }
        return new SloView
        {
            Id = target.Id,
            Model = name,
            ModelId = target.Name,
            TtftP95Ms = target.Body.TtftP95Ms,
            ErrorRatePercent = target.Body.ErrorRatePercent,
            WindowDays = days,
            Status = worst.ToName(),
            Requests = whole.Requests,
            Objectives = objectives,
        };
    }

    private string NameOf(string modelId) => catalog.Current.Definition.Models.FirstOrDefault(m => m.Id == modelId)?.Name ?? modelId;

    private static int Rank(string status) => (int)Enum.GetValues<SloStatus>().First(s => s.ToName() == status);
}
