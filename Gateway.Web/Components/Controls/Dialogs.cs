using Radzen;

namespace Gateway.Web.Components.Controls;

/// <summary>How this console opens dialogs.</summary>
internal static class Dialogs
{
    /// <summary>A form or a message in the middle of the page; Escape, the cross and <em>Cancel</em> close it, and ask first where something was entered.</summary>
    /// <param name="closes">False where only its own buttons close it: what it shows is not shown again.</param>
    public static async Task<TResult?> ShowAsync<TDialog, TResult>(
        this DialogService dialogs, string title, Dictionary<string, object?> parameters, string width = "40rem", bool closes = true)
        where TDialog : Microsoft.AspNetCore.Components.ComponentBase
    {
        bool edited = false;
        async Task<bool> MayCloseAsync() => !edited || await dialogs.ConfirmAsync("Discard what you typed?", "It is not saved.", "Discard", "Go on editing");
        Dictionary<string, object?> frame = new()
        {
            [nameof(DialogFrame.Name)] = $"{typeof(TDialog).Name}:{title}",
            [nameof(DialogFrame.Dialog)] = typeof(TDialog),
            [nameof(DialogFrame.Parameters)] = parameters,
            [nameof(DialogFrame.OnEdit)] = () => { edited = true; },
            [nameof(DialogFrame.MayClose)] = (Func<Task<bool>>)MayCloseAsync,
        };
        object? result = await dialogs.OpenAsync<DialogFrame>(title, frame!, new DialogOptions
        {
            Width = width,
            CloseDialogOnEsc = closes,
            ShowClose = closes,
            // Half a second late; console.js is in time, for a hand that types at once.
            AutoFocusFirstElement = false,
            CloseDialogOnOverlayClick = false,
            CanClose = MayCloseAsync,
        });
        return result is TResult value ? value : default;
    }

    /// <summary>True when the person chose <paramref name="action"/>, a verb with its object.</summary>
    /// <param name="keep">The way out, in words.</param>
    /// <param name="danger">False where there is a way back.</param>
    public static Task<bool> ConfirmAsync(this DialogService dialogs, string title, string question, string action, string keep = "Keep it", bool danger = true) =>
        dialogs.ShowAsync<Confirm, bool>(
            title,
            new() { [nameof(Confirm.Question)] = question, [nameof(Confirm.Action)] = action, [nameof(Confirm.Keep)] = keep, [nameof(Confirm.Danger)] = danger },
            "27rem");
}
