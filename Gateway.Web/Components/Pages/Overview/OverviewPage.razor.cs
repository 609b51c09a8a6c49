using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Pages.Overview;

/// <summary>
/// How the gateway is doing. Finished calls arrive by push; each asks for fresh figures, which are read at most once a
/// second and a little beyond the last call, since the database follows the journal.
/// </summary>
public sealed partial class OverviewPage : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Afterglow = TimeSpan.FromSeconds(4);

    /// <summary>How often the window moves on when nothing happens.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _gone = new();
    private TimeRange _range = null!;
    private Loaded<OverviewData>? _data;
    private LiveUpdates? _live;
    private Task? _refreshing;
    private string? _shown;
    private bool _seen;
    private long _lastCall;
    private long _lastRead;

    [Inject] private OverviewReader Reader { get; set; } = null!;
    [Inject] public required LiveFeed Feed { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromQuery] public string? Range { get; set; }
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        if (_live is not null)
        {
            await _live.DisposeAsync();
        }
        if (_refreshing is not null)
        {
            await _refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _gone.Dispose();
    }

    protected override void OnInitialized()
    {
        _live = LiveUpdates.Start(Feed, Time, OnLiveAsync);
        _refreshing = RefreshAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        _range = TimeRange.Parse(Range, From, To, Time.GetUtcNow());
        string query = ConsoleUrls.Overview(_range);
        if (_shown is not null && _shown != query && _data is not null)
        {
            await _data.RefreshAsync();
        }
        _shown = query;
    }

    private Task<OverviewData> ReadAsync(CancellationToken cancellationToken)
    {
        _lastRead = Time.GetTimestamp();
        return Reader.ReadAsync(_range.Preset is null ? _range : TimeRange.Parse(_range.Preset, null, null, Time.GetUtcNow()), cancellationToken);
    }

    private void Choose(TimeRange range) => Navigation.NavigateTo(ConsoleUrls.Overview(range));

    private Task OnLiveAsync(IReadOnlyList<UsageRecord> records) => InvokeAsync(() =>
    {
        _seen = true;
        _lastCall = Time.GetTimestamp();
        StateHasChanged();
    });

    private async Task RefreshAsync()
    {
        using var timer = new PeriodicTimer(Tick, Time);
        while (await timer.WaitForNextTickAsync(_gone.Token))
        {
            bool busy = _lastCall != 0 && Time.GetElapsedTime(_lastCall) < Afterglow;
            bool due = busy || (_range.Preset is not null && Time.GetElapsedTime(_lastRead) >= Idle);
            if (due && _data is not null)
            {
                await InvokeAsync(_data.RefreshAsync).WaitAsync(_gone.Token);
            }
        }
    }
}
