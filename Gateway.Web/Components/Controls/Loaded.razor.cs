using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Controls;

public sealed partial class Loaded<T> : IDisposable
{
    // Sooner it would flicker on every page that follows its calls.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(600);

    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _current;
    private T? _value;
    private bool _begun;
    private bool _ready;
    private bool _failed;
    private bool _stale;
    private bool _busy;
    private DateTimeOffset _readAt;

    [Inject] public required ILogger<Loaded<T>> Logger { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    /// <summary>Reads the data; a newer call cancels an older one.</summary>
    [Parameter, EditorRequired] public Func<CancellationToken, Task<T>> From { get; set; } = null!;
    [Parameter, EditorRequired] public RenderFragment<T> ChildContent { get; set; } = null!;

    /// <summary>Completes what <see cref="From"/> read with what takes longer. The first data are shown before that, later ones when complete.</summary>
    [Parameter] public Func<T, CancellationToken, Task<T>>? Then { get; set; }

    /// <summary>Shown until the first data arrive; rows of grey by default.</summary>
    [Parameter] public RenderFragment? Placeholder { get; set; }

    /// <summary>What was read last.</summary>
    public T? Value => _value;

    /// <summary>Reads again; what is on screen stays until the new data are there, with a sign when they are not to be had.</summary>
    public async Task RefreshAsync()
    {
        if (_gone.IsCancellationRequested)
        {
            // Whoever does something on a page may leave it before it is done.
            return;
        }
        _current?.Cancel();
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        _current = mine;
        _ = SayWhenSlowAsync(mine);
        try
        {
            T value = await From(mine.Token);
            if (Then is not null)
            {
                if (!_ready && _current == mine)
                {
                    (_value, _begun, _failed) = (value, true, false);
                    _readAt = Time.GetUtcNow();
                    await InvokeAsync(StateHasChanged);
                }
                value = await Then(value, mine.Token);
            }
            if (_current == mine)
            {
                (_value, _begun, _ready, _failed, _stale) = (value, true, true, false, false);
                _readAt = Time.GetUtcNow();
            }
        }
        catch (OperationCanceledException) when (mine.IsCancellationRequested)
        {
            // A newer read took over, or the page is closed.
        }
        // What is not in the database yet is read from the journal's files.
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is IOException)
        {
            Log.ReadFailed(Logger, e);
            (_failed, _stale) = _current == mine ? (!_ready, _ready) : (_failed, _stale);
        }
        finally
        {
            if (_current == mine)
            {
                (_current, _busy) = (null, false);
            }
        }
        if (!_gone.IsCancellationRequested)
        {
            await InvokeAsync(StateHasChanged);
        }
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override Task OnInitializedAsync() => RefreshAsync();

    private async Task SayWhenSlowAsync(CancellationTokenSource reading)
    {
        try
        {
            await Task.Delay(Slow, Time, reading.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (_current == reading)
        {
            _busy = true;
            await InvokeAsync(StateHasChanged);
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A page of the console could not read its data.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);
}
