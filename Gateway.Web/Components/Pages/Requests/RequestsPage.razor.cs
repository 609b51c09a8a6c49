using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Pages.Requests;

/// <summary>
/// The list of calls. What is stored is read page by page, by key, as one scrolls; calls that finish are pushed onto the
/// top from the live feed, which is ahead of the database. Nothing is read again for them.
/// </summary>
public sealed partial class RequestsPage : TrafficPage, IAsyncDisposable
{
    internal const int PageSize = 50;

    /// <summary>More than these a browser does not like in one table: the rest is a page of its own.</summary>
    private const int MostRows = 1_000;
    private const int MostWaiting = 500;

    /// <summary>Stands for the usual columns, which an address does not name.</summary>
    private const string Usual = "usual";

    /// <summary>How often the histogram follows.</summary>
    private static readonly TimeSpan Following = TimeSpan.FromSeconds(5);

    private static readonly string[] Shortcuts = ["j", "k", "Escape"];

    private readonly List<UsageRecord> _rows = [];
    private readonly List<UsageRecord> _waiting = [];

    // More came in than are to wait: put above the list they would leave a gap, so the list is read anew.
    private bool _overflowed;

    // Of the calls that came too fast to be pushed, those that were there when the list was last read.
    private long _dropped;
    private Loaded<IReadOnlyList<UsageRecord>>? _list;
    private RequestHistogram? _histogram;
    private ElementReference _more;
    private UsageRecord? _found;
    private LiveUpdates? _live;
    private IJSObjectReference? _shortcuts;
    private IJSObjectReference? _scrolling;
    private DotNetObjectReference<RequestsPage>? _self;
    private bool _disposed;
    private string? _shown;
    private string? _watchedMore;
    private bool _paused;
    private bool _missing;
    private bool _unread;
    private bool _reading;
    private bool _all = true;

    // Where looking for more goes on; null where it goes on after the last row.
    private DateTimeOffset? _lookedTo;
    private long _counted;

    [Inject] private RequestHistory History { get; set; } = null!;
    [Inject] private UsageQueries Usage { get; set; } = null!;
    [Inject] public required LiveFeed Feed { get; init; }
    [Inject] public required ILogger<RequestsPage> Logger { get; init; }
    [Inject] public required Toasts Toasts { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>The last request of the page before; null on the newest page.</summary>
    [SupplyParameterFromQuery] public Guid? Before { get; set; }

    /// <summary>The request in the drawer.</summary>
    [SupplyParameterFromQuery] public Guid? Id { get; set; }

    /// <summary>The drawer's tab.</summary>
    [SupplyParameterFromQuery] public string? Tab { get; set; }

    /// <summary>Names of the columns shown; null for the usual ones.</summary>
    [SupplyParameterFromQuery] public string? Columns { get; set; }

    [SupplyParameterFromQuery(Name = "rows")] public string? Density { get; set; }

    private bool Dense => Density == "close";

    private long NotShown => (_live?.Dropped ?? 0) - _dropped;

    private UsageRecord? Selected => Id is not { } id ? null
        : _rows.FirstOrDefault(r => r.Id == id) ?? (_found?.Id == id ? _found : null);

    private string ViewQuery => ConsoleUrls.With("", Filter.ToQuery().Concat([("columns", Columns), ("rows", Density)]));

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_live is not null)
        {
            await _live.DisposeAsync();
        }
        await StopListeningAsync();
        _self?.Dispose();
    }

    private async Task StopListeningAsync()
    {
        IJSObjectReference?[] listeners = [_shortcuts, _scrolling];
        (_shortcuts, _scrolling) = (null, null);
        try
        {
            foreach (IJSObjectReference? listener in listeners)
            {
                if (listener is not null)
                {
                    await listener.InvokeVoidAsync("dispose");
                    await listener.DisposeAsync();
                }
            }
        }
        catch (Exception e) when (e.IsOfLostBrowser())
        {
            // The page is gone, and its listeners with it.
        }
    }

    /// <summary>Called by the browser for j, k and Escape.</summary>
    [JSInvokable]
    public void OnShortcutAsync(string key)
    {
        if (key == "Escape")
        {
            Select(null);
            return;
        }
        int at = _rows.FindIndex(r => r.Id == Id);
        int next = at < 0 ? 0 : at + (key == "j" ? 1 : -1);
        if (next >= 0 && next < _rows.Count)
        {
            Select(_rows[next]);
        }
    }

    /// <summary>Called by the browser when the end of the list comes into sight.</summary>
    [JSInvokable]
    public Task OnEndAsync() => MoreAsync();

    protected override void OnInitialized() => _live = LiveUpdates.Start(Feed, Time, Logger, OnLiveAsync);

    protected override async Task OnParametersSetAsync()
    {
        string query = ConsoleUrls.With("", Filter.ToQuery().Append(("before", Before?.ToString("D"))));
        bool changed = _shown is not null && _shown != query;
        _shown = query;
        if (changed && _list is not null)
        {
            _waiting.Clear();
            await Task.WhenAll(_list.RefreshAsync(), _histogram?.RefreshAsync() ?? Task.CompletedTask);
        }
        if (Id is { } id && Selected is null)
        {
            await FindAsync(id);
        }
    }

    private async Task FindAsync(Guid id)
    {
        try
        {
            _found = await History.FindAsync(id, CancellationToken.None);
            (_missing, _unread) = (_found is null, false);
        }
        catch (Exception e) when (Storage.DatabaseErrors.IsFromDatabase(e) || e is TimeoutException or IOException)
        {
            // The list says the same of itself, and calls go on arriving in it.
            (_missing, _unread) = (false, true);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            _shortcuts = await Js.InvokeAsync<IJSObjectReference>("consolePage.shortcuts", _self, Shortcuts);
        }
        // The button comes and goes; whoever scrolls to it need not press it.
        if (_self is not null && !_disposed && _more.Id != _watchedMore && _more.Id is not null)
        {
            _watchedMore = _more.Id;
            if (_scrolling is not null)
            {
                await _scrolling.InvokeVoidAsync("dispose");
                await _scrolling.DisposeAsync();
            }
            _scrolling = await Js.InvokeAsync<IJSObjectReference>("consolePage.whenSeen", _more, _self, "OnEndAsync");
        }
        if (_disposed)
        {
            // The page was left while the browser was asked, when there was nothing yet to remove.
            await StopListeningAsync();
        }
    }

    private async Task<IReadOnlyList<UsageRecord>> ReadAsync(CancellationToken cancellationToken)
    {
        long dropped = _live?.Dropped ?? 0;
        RequestPage page = await History.SearchAsync(QueryNow(), Before, PageSize, cancellationToken);
        _rows.Clear();
        (_overflowed, _dropped) = (false, dropped);
        Append(page);
        // What came in meanwhile is on the page already, or newer than all of it.
        _waiting.RemoveAll(w => _rows.Any(r => r.Id == w.Id));
        if (!_paused && Before is null)
        {
            Push(_waiting);
            _waiting.Clear();
        }
        return page.Calls;
    }

    private async Task MoreAsync()
    {
        if (_reading || _all || _rows.Count >= MostRows)
        {
            return;
        }
        _reading = true;
        string? shown = _shown;
        try
        {
            RequestPage page = _lookedTo is { } to
                ? await History.SearchAsync(QueryNow() with { To = to }, null, PageSize, CancellationToken.None)
                : await History.SearchAsync(QueryNow(), _rows[^1].Id, PageSize, CancellationToken.None);
            if (shown == _shown)
            {
                Append(page);
            }
        }
        catch (Exception e) when (Storage.DatabaseErrors.IsFromDatabase(e) || e is TimeoutException or IOException)
        {
            Toasts.Failed("Older requests could not be read.", "The database did not answer; try again in a moment.");
        }
        finally
        {
            _reading = false;
        }
        StateHasChanged();
    }

    private void Append(RequestPage page)
    {
        _rows.AddRange(page.Calls);
        _lookedTo = page.LookedBackTo;
        _all = page.Calls.Count < PageSize && _lookedTo is null;
    }

    private RequestQuery QueryNow() => (Filter with { Range = SpanNow() }).ToRequestQuery(Terms);

    private Task<UsageReport> ReadHistogramAsync(CancellationToken cancellationToken)
    {
        _counted = Time.GetTimestamp();
        return Usage.ReadAsync(UsageOf(SpanNow()) with { Latency = false }, cancellationToken);
    }

    private Task OnLiveAsync(IReadOnlyList<UsageRecord> records) => InvokeAsync(async () =>
    {
        RequestQuery query = QueryNow();
        var known = _rows.Concat(_waiting).Select(r => r.Id).ToHashSet();
        UsageRecord[] wanted = [.. records.Where(r => query.Matches(r) && known.Add(r.Id))];
        if (Problems.Count > 0 || (wanted.Length == 0 && NotShown == 0))
        {
            return;
        }
        if (_paused || Before is not null || _list?.Value is null)
        {
            _waiting.AddRange(wanted);
            if (_waiting.Count > MostWaiting)
            {
                _waiting.RemoveRange(0, _waiting.Count - MostWaiting);
                _overflowed = true;
            }
        }
        else
        {
            Push(wanted);
        }
        StateHasChanged();
        if (!_paused && _histogram is not null && Time.GetElapsedTime(_counted) > Following)
        {
            await _histogram.RefreshAsync();
        }
    });

    private void Push(IEnumerable<UsageRecord> records)
    {
        _rows.InsertRange(0, records);
        _rows.Sort((a, b) => b.StartedAt != a.StartedAt ? b.StartedAt.CompareTo(a.StartedAt) : b.Id.CompareTo(a.Id));
        if (_rows.Count > MostRows)
        {
            _rows.RemoveRange(MostRows, _rows.Count - MostRows);
            _all = false;
        }
    }

    private async Task ShowWaitingAsync()
    {
        if (Before is not null)
        {
            Navigation.NavigateTo(Url(Id, null));
            return;
        }
        if (_overflowed)
        {
            _waiting.Clear();
            await _list!.RefreshAsync();
            return;
        }
        Push(_waiting);
        _waiting.Clear();
    }

    private Task TogglePauseAsync()
    {
        _paused = !_paused;
        return _paused ? Task.CompletedTask : ShowWaitingAsync();
    }

    private void Apply(RequestFilter filter) => Navigation.NavigateTo(ConsoleUrls.With(
        ConsoleUrls.RequestsPath, filter.ToQuery().Concat([("columns", Columns), ("rows", Density), ("id", Id?.ToString("D")), ("tab", Tab)])));

    private void Go(string? tab = null, string? columns = null, bool? dense = null)
    {
        (Tab, Columns) = (tab ?? Tab, columns is null ? Columns : columns == Usual ? null : columns);
        Density = dense is null ? Density : dense == true ? "close" : null;
        Navigation.NavigateTo(Url(Id, Before), replace: true);
    }

    private void Select(UsageRecord? record)
    {
        // Kept, for when newer rows push it off the list.
        _found = record;
        Navigation.NavigateTo(Url(record?.Id, Before), replace: true);
    }

    private string Url(Guid? id, Guid? before) => ConsoleUrls.With(
        ConsoleUrls.RequestsPath,
        Filter.ToQuery().Concat([("columns", Columns), ("rows", Density), ("before", before?.ToString("D")), ("id", id?.ToString("D")), ("tab", id is null ? null : Tab)]));
}
