using Gateway.Web.Administration;
using Gateway.Web.Administration.Appearances;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Controls;

/// <summary>
/// The appearance of whoever sits before this circuit: what they chose, which goes with them to any browser, and what this
/// browser adds, its zone and its theme. It is read before the first page is drawn, so that no time is shown twice.
/// </summary>
internal sealed partial class PersonalAppearance(
    AppearanceAdministration administration, CurrentOperator person, Show show, IJSRuntime js, ILogger<PersonalAppearance> log)
{
    // A page in the usual form is better than none for a long time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The theme has changed.</summary>
    public event Action? ThemeChanged;

    /// <summary>Change it with <see cref="ChooseAsync"/>.</summary>
    public Appearance Chosen { get; private set; } = new();

    /// <summary>The zone of the browser; UTC where it did not say one that is known here.</summary>
    public TimeZoneInfo BrowserZone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary><c>system</c>, <c>light</c> or <c>dark</c>: this browser's.</summary>
    public string Theme { get; private set; } = "system";

    /// <summary>Reads both; what cannot be read is as it is by default.</summary>
    public async Task LoadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await Task.WhenAll(AskBrowserAsync(patience.Token), ReadAsync(patience.Token));
        show.Follow(Chosen, BrowserZone);
    }

    /// <summary>Follows the choice at once and keeps it.</summary>
    /// <returns>Whether it is kept for the next time too.</returns>
    public async Task<bool> ChooseAsync(Appearance appearance)
    {
        Chosen = appearance;
        show.Follow(Chosen, BrowserZone);
        try
        {
            await administration.SaveAsync(appearance, await person.LookAsync(), CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (DatabaseErrors.IsFromDatabase(exception))
        {
            LogNotKept(exception);
            return false;
        }
    }

    public async Task SetThemeAsync(string theme)
    {
        Theme = theme;
        ThemeChanged?.Invoke();
        await js.InvokeVoidAsync("consoleTheme.set", theme);
    }

    private async Task AskBrowserAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await js.InvokeAsync<Browser?>("consoleTheme.browser", cancellationToken) is { } browser)
            {
                (BrowserZone, Theme) = (Zones.Of(browser.Zone), browser.Theme ?? "system");
            }
        }
        catch (Exception exception) when (exception is JSException or JSDisconnectedException or OperationCanceledException)
        {
            LogNoAnswer(exception);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            Actor actor = await person.LookAsync();
            Chosen = await administration.GetAsync(actor, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException || DatabaseErrors.IsFromDatabase(exception))
        {
            LogNotRead(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The browser did not say its time zone.")]
    private partial void LogNoAnswer(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A person's appearance could not be read; the usual one is used.")]
    private partial void LogNotRead(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A person's appearance could not be kept.")]
    private partial void LogNotKept(Exception exception);

    private sealed record Browser(string? Zone, string? Theme);
}
