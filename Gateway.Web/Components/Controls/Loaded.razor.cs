using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Controls;

public sealed partial class Loaded<T> : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _current;
    private T? _value;
    private bool _begun;
    private bool _ready;
    private bool _failed;

    [Inject] public required ILogger<Loaded<T>> Logger { get; init; }

    /// <summary>Reads the data; a newer call cancels an older one.</summary>
    [Parameter, EditorRequired] public Func<CancellationToken, Task<T>> From { get; set; } = null!;
    [Parameter, EditorRequired] public RenderFragment<T> ChildContent { get; set; } = null!;

    /// <summary>Completes what <see cref="From"/> read with what takes longer. The first data are shown before that, later ones when complete.</summary>
    [Parameter] public Func<T, CancellationToken, Task<T>>? Then { get; set; }

    /// <summary>Shown until the first data arrive; rows of grey by default.</summary>
    [Parameter] public RenderFragment? Placeholder { get; set; }

    /// <summary>What was read last.</summary>
    public T? Value => _value;

    /// <summary>Reads again; what is on screen stays until the new data are there.</summary>
    public async Task RefreshAsync()
    {
        _current?.Cancel();
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        _current = mine;
        try
        {
            T value = await From(mine.Token);
            if (Then is not null)
            {
                if (!_ready && _current == mine)
                {
                    (_value, _begun, _failed) = (value, true, false);
                    await InvokeAsync(StateHasChanged);
                }
                value = await Then(value, mine.Token);
            }
            if (_current == mine)
            {
                (_value, _begun, _ready, _failed) = (value, true, true, false);
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
            _failed = !_ready && _current == mine;
        }
        finally
        {
            if (_current == mine)
            {
                _current = null;
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
}

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A page of the console could not read its data.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);
}
