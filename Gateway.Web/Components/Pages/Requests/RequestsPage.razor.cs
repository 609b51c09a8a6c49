using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Pages.Requests;

/// <summary>
/// The list of calls. What is stored is read page by page, by key; the newest page also takes calls from the live feed,
/// which is ahead of the database by the time the journal needs to be drained.
/// </summary>
public sealed partial class RequestsPage : IAsyncDisposable
{
    private const int PageSize = 50;

    private static readonly string[] Shortcuts = ["j", "k", "Escape"];

    private readonly List<UsageRecord> _fresh = [];
    private RequestFilter _filter = new();
    private Loaded<IReadOnlyList<UsageRecord>>? _list;
    private UsageRecord? _found;
    private LiveUpdates? _live;
    private IJSObjectReference? _shortcuts;
    private DotNetObjectReference<RequestsPage>? _self;
    private string? _shown;
    private bool _paused;
    private bool _missing;
    private int _waiting;

    [Inject] private RequestHistory History { get; set; } = null!;
    [Inject] public required LiveFeed Feed { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    [SupplyParameterFromQuery] public string? Range { get; set; }
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }
    [SupplyParameterFromQuery] public string? Outcome { get; set; }
    [SupplyParameterFromQuery] public string? Model { get; set; }
    [SupplyParameterFromQuery] public string? Provider { get; set; }
    [SupplyParameterFromQuery(Name = "key")] public string? KeyId { get; set; }
    [SupplyParameterFromQuery(Name = "q")] public string? Text { get; set; }

    /// <summary>The last request of the page before; null on the newest page.</summary>
    [SupplyParameterFromQuery] public Guid? Before { get; set; }

    /// <summary>The request in the drawer.</summary>
    [SupplyParameterFromQuery] public Guid? Id { get; set; }

    private UsageRecord? Selected => Id is not { } id ? null
        : _list?.Value?.FirstOrDefault(r => r.Id == id) ?? (_found?.Id == id ? _found : null);

    public async ValueTask DisposeAsync()
    {
        if (_live is not null)
        {
            await _live.DisposeAsync();
        }
        try
        {
            if (_shortcuts is not null)
            {
                await _shortcuts.InvokeVoidAsync("dispose");
                await _shortcuts.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listener with it.
        }
        _self?.Dispose();
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
        IReadOnlyList<UsageRecord> records = _list?.Value ?? [];
        int at = records.ToList().FindIndex(r => r.Id == Id);
        int next = at < 0 ? 0 : at + (key == "j" ? 1 : -1);
        if (next >= 0 && next < records.Count)
        {
            Select(records[next]);
        }
    }

    protected override void OnInitialized() => _live = LiveUpdates.Start(Feed, Time, OnLiveAsync);

    protected override async Task OnParametersSetAsync()
    {
        bool anyRange = Range is not null || From is not null;
        _filter = new RequestFilter
        {
            Range = anyRange ? TimeRange.Parse(Range, From, To, Time.GetUtcNow()) : null,
            Outcome = Outcome,
            Model = Model,
            Provider = Provider,
            KeyId = KeyId,
            Text = Text,
        };
        string query = Url(null, Before);
        if (_shown is not null && _shown != query && _list is not null)
        {
            _fresh.Clear();
            await _list.RefreshAsync();
        }
        _shown = query;
        if (Id is { } id && Selected is null)
        {
            _found = await History.FindAsync(id, CancellationToken.None);
            _missing = _found is null;
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            _shortcuts = await Js.InvokeAsync<IJSObjectReference>("consolePage.shortcuts", _self, Shortcuts);
        }
    }

    private async Task<IReadOnlyList<UsageRecord>> ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<UsageRecord> stored = await History.ListAsync(_filter.ToRequestQuery(), Before, PageSize, cancellationToken);
        return Merge(stored);
    }

    /// <summary>What the feed brought and the database does not have yet goes on top.</summary>
    private IReadOnlyList<UsageRecord> Merge(IReadOnlyList<UsageRecord> stored)
    {
        if (Before is not null || _fresh.Count == 0)
        {
            return stored;
        }
        var known = stored.Select(r => r.Id).ToHashSet();
        return [.. _fresh.Where(r => !known.Contains(r.Id)).Concat(stored).OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id).Take(PageSize)];
    }

    private Task OnLiveAsync(IReadOnlyList<UsageRecord> records) => InvokeAsync(async () =>
    {
        UsageRecord[] wanted = [.. records.Where(r => _filter.Matches(r))];
        if (wanted.Length == 0 || Before is not null)
        {
            return;
        }
        _fresh.AddRange(wanted);
        _fresh.RemoveRange(0, Math.Max(0, _fresh.Count - PageSize));
        if (_paused)
        {
            _waiting += wanted.Length;
            StateHasChanged();
        }
        else if (_list is not null)
        {
            await _list.RefreshAsync();
            StateHasChanged();
        }
    });

    private async Task TogglePauseAsync()
    {
        _paused = !_paused;
        _waiting = 0;
        if (!_paused && _list is not null)
        {
            await _list.RefreshAsync();
        }
    }

    private void Apply(RequestFilter filter) => Navigation.NavigateTo(ConsoleUrls.Requests(filter));

    private void Select(UsageRecord? record)
    {
        // Kept, for when newer rows push it off the list.
        _found = record;
        Navigation.NavigateTo(Url(record?.Id, Before), replace: true);
    }

    private string Url(Guid? id, Guid? before) => ConsoleUrls.With(
        ConsoleUrls.RequestsPath, _filter.ToQuery().Concat([("before", before?.ToString("D")), ("id", id?.ToString("D"))]));
}
