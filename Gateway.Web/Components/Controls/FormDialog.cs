using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Gateway.Web.Components.Controls;

/// <summary>A dialog in which something is entered and saved. Whatever goes wrong is said in it, and what was entered stays.</summary>
public abstract class FormDialog : ComponentBase
{
    [Inject] public required DialogService DialogService { get; init; }
    [Inject] public required ILogger<FormDialog> Logger { get; init; }
    [Inject] internal CurrentOperator Operator { get; init; } = null!;

    /// <summary>What is wrong with what was entered, or why it could not be saved.</summary>
    protected IReadOnlyList<CatalogError> Errors { get; set; } = [];

    /// <summary>While it is being saved.</summary>
    protected bool Busy { get; private set; }

    /// <summary>Saves for whoever sits here, if they may, and closes the dialog with the result.</summary>
    /// <param name="saw">The entry as it was when the form was filled; null for a new one.</param>
    private protected async Task SaveAsync<T>(Func<Actor, Task<AdministrationResult<T>>> save, object? saw, string policy = ConsolePolicies.Operator)
    {
        if (Busy || await Operator.ActAsync(policy) is not { } actor)
        {
            return;
        }
        Busy = true;
        try
        {
            AdministrationResult<T> result = await save(actor with { Saw = saw });
            Errors = result.Errors;
            if (result.IsDone)
            {
                DialogService.Close(result.Value);
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            Log.SaveUnavailable(Logger, e);
            Errors = AdministrationFailure.UnavailableBecause(e).Errors;
        }
        catch (Exception e)
        {
            Log.SaveFailed(Logger, e);
            Errors = [new CatalogError("", "This failed, and the gateway's log says why. What you entered is still here; look at the page before you try again.")];
        }
        finally
        {
            Busy = false;
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "What was entered in a dialog of the console could not be saved: the database is away.")]
    public static partial void SaveUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A dialog of the console failed while it saved.")]
    public static partial void SaveFailed(ILogger logger, Exception exception);
}
