using Radzen;

namespace Gateway.Web.Components.Controls;

/// <summary>Short notices in the corner. A failure stays until it is closed, and says what to do.</summary>
public sealed class Toasts(NotificationService notifications)
{
    private const double ShortMs = 4000;
    private const double LongMs = 15000;

    public void Done(string message) => Show(NotificationSeverity.Success, message, null, ShortMs);

    public void Note(string message, string? detail = null) => Show(NotificationSeverity.Info, message, detail, ShortMs);

    public void Failed(string message, string? whatToDo = null) => Show(NotificationSeverity.Error, message, whatToDo, LongMs);

    private void Show(NotificationSeverity severity, string summary, string? detail, double duration)
    {
        // What is told already would not be told again: the same done twice would seem to be done once.
        if (notifications.Messages.FirstOrDefault(m => m.Summary == summary && m.Detail == (detail ?? "")) is { } told)
        {
            notifications.Messages.Remove(told);
        }
        notifications.Notify(new NotificationMessage
        {
            Severity = severity,
            Summary = summary,
            Detail = detail ?? "",
            Duration = duration,
            CloseOnClick = true,
            // Unlike the one before, whose time runs out sooner.
            Payload = new object(),
        });
    }
}
