using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A conversation with any model as any key, through the same pipeline that clients use.</summary>
public sealed partial class PlaygroundPage : IDisposable
{
    /// <summary>Between two drawings of a streamed answer.</summary>
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(50);

    private readonly List<ChatTurn> _turns = [];
    private readonly ChatRequest _request = new();
    private CancellationTokenSource? _running;
    private ElementReference _log;
    private string _keyId = "";
    private string _draft = "";
    private string _fixture = "";
    private string? _fixtureProblem;
    private bool _settingsOpen = true;
    private bool _scroll;
    private bool _gone;

    [Inject] public required GatewayCatalog Catalog { get; init; }
    [Inject] public required GatewayPipeline Pipeline { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>The model to begin with.</summary>
    [SupplyParameterFromQuery] public string? Model { get; set; }

    [MemberNotNullWhen(true, nameof(_running))]
    private bool Running => _running is not null;

    private IReadOnlyList<ApiKey> Keys => [.. Catalog.Current.Keys.Values.Concat(Catalog.Current.Tokens.Values)
        .Where(k => k.Active && (k.ExpiresAt is null || k.ExpiresAt > Time.GetUtcNow()))
        .OrderBy(k => k.Name, StringComparer.OrdinalIgnoreCase)];

    public void Dispose()
    {
        _gone = true;
        _running?.Cancel();
    }

    protected override void OnInitialized()
    {
        IReadOnlyList<Model> models = Catalog.Current.Models;
        _request.Model = models.FirstOrDefault(m => m.Name == Model)?.Name ?? (models.Count > 0 ? models[0].Name : "");
        _keyId = Keys.Count > 0 ? Keys[0].Id : "";
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && await Js.InvokeAsync<bool>("consolePage.isNarrow"))
        {
            _settingsOpen = false;
            StateHasChanged();
        }
        if (_scroll)
        {
            _scroll = false;
            await Js.InvokeVoidAsync("consolePage.scrollToEnd", _log, Running && _turns[^1].Answer.Length > 0);
        }
    }

    private Task OnKeyDownAsync(KeyboardEventArgs e) => e is { Key: "Enter", CtrlKey: true } or { Key: "Enter", MetaKey: true } ? SendAsync() : Task.CompletedTask;

    private void Stop() => _running?.Cancel();

    private async Task SendAsync()
    {
        if (Running || string.IsNullOrWhiteSpace(_draft) || Keys.FirstOrDefault(k => k.Id == _keyId) is not { } key)
        {
            return;
        }
        var turn = new ChatTurn(_draft.Trim());
        _turns.Add(turn);
        _draft = "";
        await RunAsync(turn, key, _request.ToBody(_turns));
    }

    /// <summary>Begins a conversation with what was recorded.</summary>
    private async Task ReplayAsync()
    {
        if (Running || Keys.FirstOrDefault(k => k.Id == _keyId) is not { } key)
        {
            return;
        }
        _fixtureProblem = null;
        try
        {
            var recording = Recording.Read(_fixture);
            byte[] body = recording.ToBody(_request.Model, _request.Stream);
            var turn = new ChatTurn(recording.Question) { Recorded = recording.Answer };
            _turns.Clear();
            _turns.Add(turn);
            await RunAsync(turn, key, body);
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException)
        {
            _fixtureProblem = e is JsonException { LineNumber: not null } ? "It is not valid JSON." : e.Message;
        }
    }

    private async Task RunAsync(ChatTurn turn, ApiKey key, byte[] body)
    {
        _scroll = true;
        using var stop = new CancellationTokenSource();
        _running = stop;
        try
        {
            await ReadAsync(turn, key, body, stop.Token);
        }
        finally
        {
            _running = null;
            turn.Running = false;
            _scroll = true;
        }
    }

    private async Task ReadAsync(ChatTurn turn, ApiKey key, byte[] body, CancellationToken stop)
    {
        var call = InProcessCall.Start(Pipeline, key, Operation.ChatCompletions, body, stop);
        long drawn = Time.GetTimestamp();
        try
        {
            await foreach (ChatPiece piece in ChatAnswer.ReadAsync(call, _request.Stream, stop))
            {
                turn.Answer.Append(piece.Text);
                turn.Reasoning.Append(piece.Reasoning);
                turn.Error = piece.Error ?? turn.Error;
                if (!_gone && Time.GetElapsedTime(drawn) >= Frame)
                {
                    drawn = Time.GetTimestamp();
                    _scroll = true;
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            turn.Stopped = true;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            turn.Error = "The answer broke off.";
        }
        turn.Record = await call.Completed;
    }
}
