using System.Net.Mail;
using Gateway.Core.Catalog;
using Gateway.Web.Alerts;
using Gateway.Web.Security;

namespace Gateway.Web.Administration.Operations;

/// <summary>Channels that alerts are told through. What is secret of them goes in and never comes out.</summary>
internal sealed class AlertChannels(OperationDocuments documents, SecretProtector secrets, GuardedDialer dialer, AlertDelivery delivery, TimeProvider time)
{
    private const string What = "alert channel";
    private const int Most = 50;
    private const int MostReceivers = 20;

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<AlertChannelView>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await documents.ListAsync<AlertChannel>(AlertChannel.Kind, cancellationToken)).Select(View)];

    public async Task<AdministrationResult<AlertChannelView>> GetAsync(string id, CancellationToken cancellationToken) =>
        await documents.FindAsync<AlertChannel>(AlertChannel.Kind, id, cancellationToken) is { } channel ? View(channel) : AdministrationFailure.NotFound(What, id);

    public async Task<AdministrationResult<AlertChannelView>> CreateAsync(AlertChannelChange change, Actor actor, CancellationToken cancellationToken) =>
        (await documents.ListAsync<AlertChannel>(AlertChannel.Kind, cancellationToken)).Count < Most
            ? await SaveAsync(null, change, actor, cancellationToken)
            : AdministrationFailure.Invalid("", $"There are {Most} channels already; delete some first.");

    public async Task<AdministrationResult<AlertChannelView>> UpdateAsync(string id, AlertChannelChange change, Actor actor, CancellationToken cancellationToken) =>
        await documents.FindAsync<AlertChannel>(AlertChannel.Kind, id, cancellationToken) is { } current
            ? await SaveAsync(current, change, actor, cancellationToken)
            : AdministrationFailure.NotFound(What, id);

    public Task<AdministrationResult<string>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) => AdministrationDatabase.TryAsync<string>(async () =>
    {
        if (await documents.FindAsync<AlertChannel>(AlertChannel.Kind, id, cancellationToken) is not { } current)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        string[] used = [.. (await documents.ListAsync<AlertRule>(AlertRule.Kind, cancellationToken)).Where(r => r.Body.Channels.Contains(id)).Select(r => r.Name)];
        if (used.Length > 0)
        {
            return new AdministrationFailure(AdministrationOutcome.Conflict, [.. used.Select(u => new CatalogError("", $"The rule {u} still tells it; change that first."))]);
        }
        var note = new AuditNote("alert_channel.delete", id, current.Name, View(current), null);
        return await documents.DeleteAsync(AlertChannel.Kind, What, id, note, actor, cancellationToken) is { } failure ? failure : id;
    });

    /// <summary>Sends a notice that says it is a test, and waits for how it goes.</summary>
    public Task<AdministrationResult<AlertTestView>> TestAsync(string id, Actor actor, CancellationToken cancellationToken) => AdministrationDatabase.TryAsync<AlertTestView>(async () =>
    {
        if (actor.Teams is not null)
        {
            return AdministrationFailure.Forbidden;
        }
        if (await documents.FindAsync<AlertChannel>(AlertChannel.Kind, id, cancellationToken) is not { } channel)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        DateTimeOffset now = time.GetUtcNow();
        (bool taken, string result) = await delivery.TryAsync(channel, new AlertNotice
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Event = "test",
            RuleId = "",
            Rule = "Test",
            Severity = "info",
            At = now,
            Text = $"This is a test of the channel {channel.Name}, asked for by {actor.Name}.",
        }, cancellationToken);
        return new AlertTestView(taken, result);
    });

    private async Task<AdministrationResult<AlertChannelView>> SaveAsync(
        OperationDocument<AlertChannel>? current, AlertChannelChange change, Actor actor, CancellationToken cancellationToken)
    {
        var problems = new List<CatalogError>();
        void Check(bool fits, string path, string message)
        {
            if (!fits)
            {
                problems.Add(new CatalogError(path, message));
            }
        }
        AlertChannel? old = current?.Body;
        string name = (change.Name.HasValue ? change.Name.Value : current?.Name)?.Trim() ?? "";
        string? type = change.Type.HasValue ? change.Type.Value : old?.Type;
        var channel = new AlertChannel
        {
            Type = type ?? "",
            Active = change.Active.Or(old?.Active ?? true) ?? true,
            ProtectedSecret = !change.Secret.HasValue ? old?.ProtectedSecret : string.IsNullOrEmpty(change.Secret.Value) ? null : secrets.Protect(change.Secret.Value),
        };
        Check(name.Length is > 0 and <= 100 && !name.Any(char.IsControl), "name", "A name of 1 to 100 characters is needed.");
        Check(type is not null && AlertChannel.Types.Contains(type) && (old is null || old.Type == type), "type", old is null ? $"One of {string.Join(", ", AlertChannel.Types)}." : "The type stays what it is; add another channel.");
        Check(!change.Secret.HasValue || change.Secret.Value is null or { Length: <= 500 }, "secret", "At most 500 characters.");
        if (type == AlertChannel.Webhook)
        {
            channel = channel with { ProtectedUrl = old?.ProtectedUrl, Origin = old?.Origin };
            if (change.Url.HasValue || old is null)
            {
                (Uri? url, string? problem) = await CheckUrlAsync(change.Url.Value, cancellationToken);
                Check(problem is null, "url", problem ?? "");
                channel = url is null ? channel : channel with { ProtectedUrl = secrets.Protect(url.AbsoluteUri), Origin = url.GetLeftPart(UriPartial.Authority) };
            }
        }
        else if (type == AlertChannel.Email)
        {
            channel = channel with
            {
                Host = (change.Host.HasValue ? change.Host.Value : old?.Host)?.Trim(),
                Port = change.Port.Or(old?.Port ?? 587) ?? 587,
                Security = change.Security.Or(old?.Security ?? "starttls") ?? "starttls",
                User = change.User.HasValue ? change.User.Value : old?.User,
                From = (change.From.HasValue ? change.From.Value : old?.From)?.Trim(),
                To = [.. (change.To.Or(old?.To) ?? []).Select(t => t?.Trim() ?? "")],
            };
            string? host = channel.Host;
            bool hostFits = host is { Length: > 0 and <= 253 } && Uri.CheckHostName(host) != UriHostNameType.Unknown;
            Check(hostFits, "host", "The name or address of a mail server is needed.");
            Check(channel.Port is >= 1 and <= 65_535, "port", "1 to 65535.");
            Check(AlertChannel.Securities.Contains(channel.Security), "security", $"One of {string.Join(", ", AlertChannel.Securities)}.");
            Check(IsAddress(channel.From), "from", "An address such as gateway@example.com is needed.");
            Check(channel.To.Count is > 0 and <= MostReceivers && channel.To.All(IsAddress), "to", $"1 to {MostReceivers} addresses are needed.");
            Check(string.IsNullOrEmpty(channel.User) || channel.Security != "none", "security", "A password is sent over TLS only: choose starttls or tls, or leave the user out.");
            if (hostFits && await dialer.ProblemAsync(host!, cancellationToken) is { } refusal)
            {
                Check(false, "host", refusal);
            }
        }
        if (problems.Count > 0)
        {
            return AdministrationFailure.Invalid(problems);
        }
        AlertChannelView? before = current is null ? null : View(current);
        AdministrationResult<OperationDocument<AlertChannel>> saved = await documents.SaveAsync(
            AlertChannel.Kind, What, current?.Id, name, channel,
            id => new AuditNote(current is null ? "alert_channel.create" : "alert_channel.update", id, name, before, View(new OperationDocument<AlertChannel>(id, name, channel, default))),
            actor, cancellationToken);
        return saved.IsDone ? View(saved.Value) : new AdministrationFailure(saved.Outcome, saved.Errors);
    }

    private async Task<(Uri? Url, string? Problem)> CheckUrlAsync(string? text, CancellationToken cancellationToken)
    {
        if (text is not { Length: > 0 and <= 2000 } || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            return (null, "A URL that starts with https:// or http:// is needed.");
        }
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            return (null, "The URL has no user name, password or fragment.");
        }
        // Names of metadata services, and addresses in whatever form they hide.
        if (!UpstreamAddress.TryParse(url.GetLeftPart(UriPartial.Authority), ProviderKind.OpenAI, out _, out string? reason))
        {
            return (null, reason);
        }
        return await dialer.ProblemAsync(url.IdnHost, cancellationToken) is { } refusal ? (null, refusal) : (url, null);
    }

    // Nothing that could be a command or a header of its own.
    private static bool IsAddress(string? text) =>
        text is { Length: > 0 and <= 254 } && text.All(c => c is > ' ' and < (char)127 and not ('<' or '>')) && MailAddress.TryCreate(text, out MailAddress? address) && address.Address == text;

    private static AlertChannelView View(OperationDocument<AlertChannel> channel) => new()
    {
        Id = channel.Id,
        Name = channel.Name,
        Type = channel.Body.Type,
        Active = channel.Body.Active,
        Origin = channel.Body.Origin,
        HasSecret = channel.Body.ProtectedSecret is not null,
        Host = channel.Body.Host,
        Port = channel.Body.Type == AlertChannel.Email ? channel.Body.Port : null,
        Security = channel.Body.Security,
        User = channel.Body.User,
        From = channel.Body.From,
        To = channel.Body.To,
    };
}
