using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Keys;
using Gateway.Core.Replay;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Captures;
using Gateway.Web.Administration.Conversations;
using Gateway.Web.Calls;
using Gateway.Web.Components.Controls;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A conversation with one to three models as any key, through the same pipeline that clients use.</summary>
public sealed partial class PlaygroundPage : IDisposable
{
    internal const int MostModels = 3;
    private const int MostOffered = 120;

    /// <summary>Of what is wrong with the chosen key, among the settings' problems.</summary>
    internal const string KeyPath = "Key";

    /// <summary>Between two drawings of a streamed answer.</summary>
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(50);

    private readonly List<Trial> _trials = [];
    private readonly List<PlayImage> _images = [];
    private readonly PlaySettings _settings = new();
    private IReadOnlyList<CatalogError> _errors = [];
    private HistoryPanel? _history;
    private string? _conversation;
    private string? _imageProblem;
    private string _keyId = "";
    private string _draft = "";
    private KeptText? _typed;
    private string _fixture = "";
    private string? _fixtureProblem;
    private bool _keep = true;
    private bool _replaying;

    // The question of a captured request that waits to be asked again.
    private string? _offered;
    private bool _settingsOpen = true;
    private bool _gone;
    private long _drawn;

    [Inject] public required GatewayCatalog Catalog { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required Toasts Toasts { get; init; }
    [Inject] internal TurnRunner Runner { get; init; } = null!;
    [Inject] internal ConversationAdministration Conversations { get; init; } = null!;
    [Inject] internal CurrentOperator Operator { get; init; } = null!;
    [Inject] internal RequestHistory History { get; init; } = null!;
    [Inject] internal CapturedCalls Captures { get; init; } = null!;

    /// <summary>The models to begin with, side by side.</summary>
    [SupplyParameterFromQuery(Name = "model")] public string[]? ModelNames { get; set; }

    /// <summary>The name of a wire.</summary>
    [SupplyParameterFromQuery(Name = "wire")] public string? WireName { get; set; }

    /// <summary>The id of a kept conversation.</summary>
    [SupplyParameterFromQuery(Name = "conversation")] public string? ConversationId { get; set; }

    /// <summary>The id of a captured request that is to be asked again.</summary>
    [SupplyParameterFromQuery(Name = "request")] public string? RequestId { get; set; }

    private bool Running => _trials.Exists(t => t.Running);

    private bool CanSend => !string.IsNullOrWhiteSpace(_draft) || _images.Count > 0;

    private string Placeholder => _trials.Count > 1 ? $"Message to all {_trials.Count}" : "Message";

    private IReadOnlyList<string> Models => [.. ChatModels.Of(Catalog.Current).Select(m => m.Name)];

    private IReadOnlyList<string> Routes => [.. Catalog.Current.Routes.Keys.Order(StringComparer.Ordinal)];

    private IEnumerable<ApiKey> Keys() => Catalog.Current.Keys.Values.Concat(Catalog.Current.Tokens.Values)
        .Where(k => k.Active && (k.ExpiresAt is null || k.ExpiresAt > Time.GetUtcNow()));

    public void Dispose()
    {
        _gone = true;
        StopAll();
    }

    protected override async Task OnInitializedAsync()
    {
        string[] wanted = [.. (ModelNames ?? []).Where(Models.Contains).Distinct().Take(MostModels)];
        _trials.AddRange((wanted.Length > 0 ? wanted : await FirstAsync() is { } first ? [first] : []).Select(m => new Trial(m)));
        _settings.Wire = Wires.TryParse(WireName, out Wire wire) && PlayOptions.Offered.Contains(wire) ? wire : Wire.OpenAIChat;
        _keyId = Keys().OrderBy(k => MayAsk(k) ? 0 : 1).ThenBy(k => k.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault()?.Id ?? "";
        if (ConversationId is not null)
        {
            await OpenAsync(ConversationId);
        }
        else if (Guid.TryParse(RequestId, out Guid request))
        {
            await FillInAsync(request);
        }
    }

    // What was talked to last, else what answers.
    private async Task<string?> FirstAsync()
    {
        try
        {
            if (await Conversations.LastModelAsync(await Operator.LookAsync(), default) is { } last && Models.Contains(last))
            {
                return last;
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            // It is a convenience.
        }
        return ChatModels.First(Catalog.Current.Models, Time)?.Name;
    }

    // Whether the key is for the models that the page begins with.
    private bool MayAsk(ApiKey key) =>
        Authenticator.Refusal(key, _settings.Wire.ToOperation()) is null && _trials.TrueForAll(t => Catalog.Current.FindModel(t.Model) is { } model && key.Allows(model));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && !_replaying && await Js.InvokeAsync<bool>("consolePage.isNarrow"))
        {
            _settingsOpen = false;
            StateHasChanged();
        }
    }

    private Task OnKeyDownAsync(KeyboardEventArgs e) => e is { Key: "Enter", CtrlKey: true } or { Key: "Enter", MetaKey: true } ? SendAsync() : Task.CompletedTask;

    private void StopAll() => _trials.ForEach(t => t.Stop());

    private void AddModel()
    {
        _trials.Add(new Trial(Models.FirstOrDefault(m => _trials.TrueForAll(t => t.Model != m)) ?? Models[0]));
        ShowInAddress();
    }

    private void RemoveModel(Trial trial)
    {
        _trials.Remove(trial);
        ShowInAddress();
    }

    private void ChangeModel(Trial trial, string model)
    {
        trial.Model = model;
        ShowInAddress();
    }

    private void StartOver()
    {
        _trials.ForEach(t => t.Turns.Clear());
        _conversation = null;
        ShowInAddress();
    }

    /// <summary>Models, wire and conversation are in the address; what was said is not.</summary>
    private void ShowInAddress() => Navigation.NavigateTo(
        ConsoleUrls.Playground([.. _trials.Select(t => t.Model)], _settings.Wire == Wire.OpenAIChat ? null : _settings.Wire.ToName(), _conversation), replace: true);

    private async Task AddImagesAsync(InputFileChangeEventArgs chosen)
    {
        _imageProblem = null;
        foreach (IBrowserFile file in chosen.GetMultipleFiles(Math.Max(chosen.FileCount, 1)))
        {
            if (_images.Count >= PlayImages.Most)
            {
                _imageProblem = $"At most {PlayImages.Most} pictures at a time.";
                break;
            }
            (PlayImage? image, string? problem) = await PlayImages.ReadAsync(file);
            _imageProblem = problem ?? _imageProblem;
            if (image is not null)
            {
                _images.Add(image);
            }
        }
    }

    private async Task SendAsync()
    {
        if (Running || !CanSend || !IsReady())
        {
            return;
        }
        string[] images = [.. _images.Select(i => i.Url)];
        string question = _draft.Trim();
        _draft = "";
        await (_typed?.ForgetAsync() ?? Task.CompletedTask);
        _images.Clear();
        _imageProblem = null;
        await Task.WhenAll(_trials.Select(t => RunAsync(t, new ChatTurn(question) { Images = images, Schema = _settings.Schema.Trim() })));
        await KeepAsync();
    }

    /// <summary>Gives a model what its tools gave back.</summary>
    private async Task GoOnAsync(Trial trial, IReadOnlyList<ToolResultPart> results)
    {
        if (!trial.Running && IsReady())
        {
            await RunAsync(trial, new ChatTurn("") { Results = results, Schema = _settings.Schema.Trim() });
            await KeepAsync();
        }
    }

    /// <summary>Puts what was said in a captured call in place of a recording, ready to be replayed.</summary>
    private async Task FillInAsync(Guid id)
    {
        if (await Operator.ActAsync() is not { } actor)
        {
            return;
        }
        try
        {
            if (await History.FindAsync(id, default) is not { } call)
            {
                Toasts.Failed("There is no such request.", "Its record may have been deleted.");
                return;
            }
            var read = await Captures.ReadAsync(call, actor, default);
            if (!read.IsDone || SaidMessage.Fixture(call, read.Value) is not { } fixture)
            {
                Toasts.Failed("The request cannot be replayed.", read.IsDone ? "Only whole requests that generate text can be asked again." : read.Message);
                return;
            }
            (_fixture, _replaying) = (ReplayFixtureJson.Write(fixture), true);
            _offered = Recording.Read(_fixture).Question is { Length: > MostOffered } question ? question[..MostOffered] + "…" : Recording.Read(_fixture).Question;
            if (call.Model is { } model && Models.Contains(model))
            {
                _trials[0].Model = model;
            }
            if (call.Operation.GenerationWire() is { } wire && PlayOptions.Offered.Contains(wire))
            {
                _settings.Wire = wire;
            }
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException)
        {
            Toasts.Failed("The request cannot be replayed.", "It is not one of its API's.");
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            Toasts.Failed("The request could not be read.", "The database did not answer.");
        }
    }

    /// <summary>Begins a conversation with what was recorded.</summary>
    private async Task ReplayAsync()
    {
        if (Running)
        {
            return;
        }
        if (KeyOrNull() is not { } key)
        {
            _errors = [KeyGone];
            return;
        }
        (_fixtureProblem, _offered) = (null, null);
        try
        {
            var recording = Recording.Read(_fixture);
            Trial trial = _trials[0];
            var request = WireRequest.Of(_settings.Wire, recording.ToRequest(trial.Model, _settings.Stream), _settings.Route);
            StartOver();
            var turn = new ChatTurn(recording.Question) { Recorded = recording.Answer };
            trial.Turns.Add(turn);
            await trial.RunAsync(turn, stop => Runner.RunAsync(turn, request, key, Draw, stop));
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException)
        {
            _fixtureProblem = e is JsonException { LineNumber: not null } ? "It is not valid JSON." : e.Message;
        }
    }

    private bool IsReady()
    {
        _errors = [.. _settings.Problems(), .. KeyOrNull() is null ? (CatalogError[])[KeyGone] : []];
        return _errors.Count == 0;
    }

    private static CatalogError KeyGone => new(KeyPath, "The chosen key was revoked, switched off or has expired. Choose another one under Settings.");

    private ApiKey? KeyOrNull() => Keys().FirstOrDefault(k => k.Id == _keyId);

    private async Task RunAsync(Trial trial, ChatTurn turn)
    {
        trial.Turns.Add(turn);
        await trial.RunAsync(turn, async stop =>
        {
            try
            {
                ApiKey key = KeyOrNull()!;
                GenerationRequest request = _settings.ToRequest(trial.Model, trial.ToMessages()) with { Stream = _settings.Stream || _settings.Summarise };
                WireRequest sent = WireRequest.Of(_settings.Wire, request, _settings.Route, _settings.Summarise ? _settings.SummaryModel : "");
                await (_settings.Summarise ? Runner.SummariseAsync(turn, sent, key, Draw, stop) : Runner.RunAsync(turn, sent, key, Draw, stop));
            }
            catch (GenerationFormatException e)
            {
                turn.Error = e.Message;
            }
        });
        if (!_gone)
        {
            StateHasChanged();
        }
    }

    private void Draw()
    {
        if (!_gone && Time.GetElapsedTime(_drawn) >= Frame)
        {
            _drawn = Time.GetTimestamp();
            StateHasChanged();
        }
    }

    private async Task KeepAsync()
    {
        if (!_keep || _gone || await Operator.ActAsync() is not { } actor)
        {
            return;
        }
        try
        {
            ConversationContent content = KeptConversation.Of(_settings, _trials);
            var kept = _conversation is null
                ? await Conversations.CreateAsync(new ConversationChange { Name = KeptConversation.NameOf(_trials), Content = content }, actor, default)
                : await Conversations.UpdateAsync(_conversation, new ConversationChange { Content = content }, actor, default);
            if (!kept.IsDone)
            {
                Toasts.Failed("The conversation is not kept.", kept.Message);
            }
            else if (_conversation != kept.Value.Id)
            {
                _conversation = kept.Value.Id;
                ShowInAddress();
            }
            await (_history?.RefreshAsync() ?? Task.CompletedTask);
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            Toasts.Failed("The conversation is not kept.", "The database did not answer.");
        }
    }

    private async Task OpenAsync(string id)
    {
        if (Running || await Operator.ActAsync() is not { } actor)
        {
            return;
        }
        try
        {
            var kept = await Conversations.GetAsync(id, actor, default);
            if (!kept.IsDone)
            {
                Toasts.Failed("There is no such conversation.", "It may have been deleted.");
                return;
            }
            _trials.Clear();
            _trials.AddRange(KeptConversation.Open(kept.Value.Content, _settings));
            _conversation = id;
            ShowInAddress();
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            Toasts.Failed("The conversation could not be read.", "The database did not answer.");
        }
    }

    private void OnDeleted(string id)
    {
        if (_conversation == id)
        {
            _conversation = null;
            ShowInAddress();
        }
    }
}
