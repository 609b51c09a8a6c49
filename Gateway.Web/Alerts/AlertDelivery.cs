using Gateway.Web.Administration.Operations;
using Gateway.Web.Health;
using Gateway.Web.Security;
using Gateway.Web.Storage;

namespace Gateway.Web.Alerts;

/// <summary>
/// Hands notices to channels: several tries with longer and longer pauses, each with a limit, beside whoever asked for it. How
/// it went is taken down as an event.
/// </summary>
internal sealed partial class AlertDelivery(
    OperationDocuments documents,
    SecretProtector secrets,
    WebhookSender webhooks,
    MailSender mail,
    OperationEvents events,
    TimeProvider time,
    ILogger<AlertDelivery> logger) : IDisposable
{
    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(45)];

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Returns at once.</summary>
    public void Send(IReadOnlyList<string> channels, AlertNotice notice)
    {
        foreach (string channel in channels)
        {
            _ = Task.Run(() => SendToAsync(channel, notice), CancellationToken.None);
        }
    }

    /// <summary>Tries once and says how it went.</summary>
    public async Task<(bool Taken, string Result)> TryAsync(OperationDocument<AlertChannel> channel, AlertNotice notice, CancellationToken cancellationToken)
    {
        (bool taken, string result, _) = await TryOnceAsync(channel.Body, notice, cancellationToken);
        Tell(channel, notice, taken, result, 1);
        return (taken, result);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task SendToAsync(string id, AlertNotice notice)
    {
        CancellationToken stop = _stop.Token;
        try
        {
            if (await documents.FindAsync<AlertChannel>(AlertChannel.Kind, id, stop) is not { Body.Active: true } channel)
            {
                return;
            }
            for (int tries = 1; ; tries++)
            {
                (bool taken, string result, bool retry) = await TryOnceAsync(channel.Body, notice, stop);
                if (taken || !retry || tries > Pauses.Length)
                {
                    Tell(channel, notice, taken, result, tries);
                    return;
                }
                await Task.Delay(Pauses[tries - 1], time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends; an alert that goes on is told again by its repeat interval.
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            LogUnread(DatabaseErrors.ReasonOf(e));
        }
        catch (Exception e)
        {
            LogFault(e);
        }
    }

    private async Task<(bool Taken, string Result, bool Retry)> TryOnceAsync(AlertChannel channel, AlertNotice notice, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TryLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? secret = channel.ProtectedSecret is null ? null : secrets.TryUnprotect(channel.ProtectedSecret);
        string? url = channel.ProtectedUrl is null ? null : secrets.TryUnprotect(channel.ProtectedUrl);
        if ((channel.ProtectedSecret is not null && secret is null) || (channel.Type == AlertChannel.Webhook && url is null))
        {
            return (false, "What is secret of it was encrypted under another key; enter it again.", false);
        }
        try
        {
            string result = channel.Type == AlertChannel.Webhook
                ? await webhooks.SendAsync(url!, secret, notice, either.Token)
                : await mail.SendAsync(channel, secret, notice, either.Token);
            return (true, result, false);
        }
        catch (AlertDeliveryException e)
        {
            return (false, e.Message, e.Retry);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"No answer within {TryLimit.TotalSeconds:0} s.", true);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return (false, "Its name is not known.", true);
        }
    }

    private void Tell(OperationDocument<AlertChannel> channel, AlertNotice notice, bool taken, string result, int tries)
    {
        if (!taken)
        {
            LogUnsent(channel.Name, result);
        }
        events.Post(new OperationEvent(time.GetUtcNow(), taken ? EventKinds.AlertSent : EventKinds.AlertUnsent, channel.Id, channel.Name, new Dictionary<string, string?>
        {
            [OperationEvent.Cause] = $"{(notice.RuleId.Length == 0 ? "a test" : $"{notice.Rule} {notice.Event}")}. {result}",
            ["rule"] = notice.RuleId,
            ["event"] = notice.Event,
            ["result"] = result,
            ["tries"] = tries.ToString(System.Globalization.CultureInfo.InvariantCulture),
        }));
    }

    [LoggerMessage(LogLevel.Warning, "The alert channel {Channel} did not take a notice: {Reason}")]
    private partial void LogUnsent(string channel, string reason);

    [LoggerMessage(LogLevel.Warning, "An alert could not be told, since its channels could not be read: {Reason}")]
    private partial void LogUnread(string reason);

    [LoggerMessage(LogLevel.Error, "Telling of an alert failed inside the gateway")]
    private partial void LogFault(Exception exception);
}
