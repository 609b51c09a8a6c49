using Radzen;

namespace Gateway.Web.Components.Controls;

/// <summary>How this console opens dialogs.</summary>
internal static class Dialogs
{
    /// <summary>A form or a message in the middle of the page; Escape closes it.</summary>
    public static async Task<TResult?> ShowAsync<TDialog, TResult>(
        this DialogService dialogs, string title, Dictionary<string, object?> parameters, string width = "40rem")
        where TDialog : Microsoft.AspNetCore.Components.ComponentBase
    {
        object? result = await dialogs.OpenAsync<TDialog>(title, parameters!, new DialogOptions
        {
            Width = width,
            CloseDialogOnEsc = true,
            AutoFocusFirstElement = true,
            CloseDialogOnOverlayClick = false,
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
