using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Radzen;

namespace Gateway.Web.Components.Pages.Configuration;

public sealed partial class DraftPage
{
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private Loaded<AdministrationResult<DraftView>>? _loaded;
    private DraftView? _draft;
    private string _yaml = "";
    private KeptText? _typed;
    private bool _mayChange;
    private bool _asAdministrator;
    private bool _busy;
    private IReadOnlyList<CatalogError> _errors = [];

    [Inject] internal ConfigDrafts Drafts { get; init; } = null!;
    [Inject] internal CurrentOperator Operator { get; init; } = null!;
    [Inject] public required AuthenticationStateProvider Authentication { get; init; }
    [Inject] public required IAuthorizationService Authorization { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required DialogService DialogService { get; init; }
    [Inject] public required Toasts Toasts { get; init; }

    [Parameter] public string Id { get; set; } = "";

    private bool IsEdited => _draft is not null && Plain(_yaml) != Plain(_draft.Yaml);

    private async Task<AdministrationResult<DraftView>> ReadAsync(CancellationToken cancellationToken)
    {
        AuthenticationState state = await Authentication.GetAuthenticationStateAsync();
        _asAdministrator = (await Authorization.AuthorizeAsync(state.User, ConsolePolicies.Administrator)).Succeeded;
        bool asOperator = (await Authorization.AuthorizeAsync(state.User, ConsolePolicies.Operator)).Succeeded;
        AdministrationResult<DraftView> result = await Drafts.GetAsync(Id, cancellationToken);
        Take(result.Value);
        _mayChange = _asAdministrator || (asOperator && _draft?.Owner == ConsoleSession.ActorOf(state.User).Name);
        return result;
    }

    private void Take(DraftView? draft) => (_draft, _yaml) = (draft, draft?.Yaml ?? "");

    private Task SaveAsync() => ChangeAsync(actor => Drafts.UpdateAsync(Id, new DraftChange { Yaml = Plain(_yaml) }, actor, _asAdministrator, CancellationToken.None), Take);

    private Task RebaseAsync(string? prefer) => ChangeAsync(actor => Drafts.RebaseAsync(Id, new DraftRebase(prefer), actor, _asAdministrator, CancellationToken.None), Take);

    private async Task ApplyAsync()
    {
        if (!await DialogService.ConfirmAsync($"Apply {_draft!.Name}?", "All of its changes take effect at once for every request. You can go back to the present version from the history.", "Apply draft", "Not yet", danger: false))
        {
            return;
        }
        var secrets = _secrets.ToDictionary(s => s.Key, s => JsonSerializer.SerializeToElement(s.Value));
        await ChangeAsync(actor => Drafts.ApplyAsync(Id, new DraftApplication(secrets), actor, _asAdministrator, CancellationToken.None), applied =>
        {
            Toasts.Done($"{_draft!.Name} is in force, as version {applied.Version}.");
            Navigation.NavigateTo(ConsoleUrls.Version(applied.Version));
        });
        // What others did since the page was read may be the reason.
        if (_errors.Count > 0 && (await Drafts.GetAsync(Id, CancellationToken.None)).Value is { } now)
        {
            _draft = now;
        }
    }

    private async Task DiscardAsync()
    {
        if (await DialogService.ConfirmAsync($"Discard {_draft!.Name}?", "Its text is lost. The configuration in force stays as it is.", "Discard draft"))
        {
            await ChangeAsync(actor => Drafts.DiscardAsync(Id, actor, _asAdministrator, CancellationToken.None), _ =>
            {
                Toasts.Done($"{_draft!.Name} is discarded.");
                Take(null);
                Navigation.NavigateTo(ConsoleUrls.DraftsPath);
            });
        }
    }

    private async Task ChangeAsync<T>(Func<Actor, Task<AdministrationResult<T>>> change, Action<T> done)
    {
        if (_busy || await Operator.ActAsync() is not { } actor)
        {
            return;
        }
        _busy = true;
        try
        {
            AdministrationResult<T> result = await change(actor);
            _errors = result.Errors;
            if (result.IsDone)
            {
                await (_typed?.ForgetAsync() ?? Task.CompletedTask);
                done(result.Value);
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            _errors = AdministrationFailure.UnavailableBecause(e).Errors;
        }
        finally
        {
            _busy = false;
        }
    }

    // Browsers send a text area's lines with CR LF.
    private static string Plain(string text) => text.ReplaceLineEndings("\n");
}
