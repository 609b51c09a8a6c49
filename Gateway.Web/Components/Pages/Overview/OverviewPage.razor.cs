using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Pages.Overview;

/// <summary>
/// How the gateway is doing. Finished calls arrive by push; each asks for fresh figures, which are read at most once a
/// second and a little beyond the last call, since the database follows the journal.
/// </summary>
public sealed partial class OverviewPage : TrafficPage, IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Afterglow = TimeSpan.FromSeconds(4);

    /// <summary>Spans up to this follow every call.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromHours(6);

    /// <summary>How often the window moves on when nothing happens.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    private Loaded<OverviewData>? _data;
    private LiveUpdates? _live;
    private Ticks? _ticks;
    private string? _shown;
    private bool _seen;
    private FirstStepsView _steps = new(true, true, true, true);
    private long _lastCall;
    private long _lastRead;

    [Inject] private OverviewReader Reader { get; set; } = null!;
    [Inject] private FirstSteps FirstSteps { get; set; } = null!;
    [Inject] public required LiveFeed Feed { get; init; }
    [Inject] public required ILogger<OverviewPage> Logger { get; init; }

    public async ValueTask DisposeAsync()
    {
        if (_live is not null)
        {
            await _live.DisposeAsync();
        }
        if (_ticks is not null)
        {
            await _ticks.DisposeAsync();
        }
    }

    protected override void OnInitialized()
    {
        _live = LiveUpdates.Start(Feed, Time, Logger, OnLiveAsync);
        _ticks = Ticks.Start(Time, Tick, Logger, OnTickAsync);
    }

    protected override async Task OnParametersSetAsync()
    {
        string query = ConsoleUrls.Overview(Filter);
        if (_shown is not null && _shown != query && _data is not null)
        {
            await _data.RefreshAsync();
        }
        _shown = query;
    }

    private async Task<OverviewData> ReadAsync(CancellationToken cancellationToken)
    {
        _lastRead = Time.GetTimestamp();
        TimeRange range = SpanNow();
        // With the data, so that nothing moves afterwards.
        _steps = await FirstSteps.ReadAsync(cancellationToken);
        return await Reader.ReadAsync(Filter with { Range = range }, UsageOf(range), cancellationToken);
    }

    // Of the very span that the figures are of.
    private Task<OverviewData> ReadCourseAsync(OverviewData data, CancellationToken cancellationToken) =>
        Reader.CompleteAsync(data, UsageOf(data.Filter.Range!), cancellationToken);

    private void Apply(RequestFilter filter) => Navigation.NavigateTo(ConsoleUrls.Overview(filter));

    private Task OnLiveAsync(IReadOnlyList<UsageRecord> records) => InvokeAsync(() =>
    {
        _seen = true;
        _lastCall = Time.GetTimestamp();
        StateHasChanged();
    });

    private Task OnTickAsync()
    {
        // A long span changes little with a call, and takes longer to read than it stays new.
        bool busy = _lastCall != 0 && Time.GetElapsedTime(_lastCall) < Afterglow && ((Span.Length <= Short && UsageOf(Span).IsInRollups) || Time.GetElapsedTime(_lastRead) >= Idle);
        bool due = busy || (Span.Preset is not null && Time.GetElapsedTime(_lastRead) >= Idle);
        return due && _data is not null ? InvokeAsync(_data.RefreshAsync) : Task.CompletedTask;
    }
}
