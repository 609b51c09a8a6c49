using System.Globalization;
using Gateway.Core;
using Gateway.Core.Replay;
using Gateway.Web.Administration.SignIn;
using Gateway.Web.Configuration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Retention;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Settings;

/// <summary>What is in force and where it comes from; what is kept how long; what a text looks like without its secrets.</summary>
internal sealed class SettingsReading(
    GatewayConfiguration configuration, SignInRulesAdministration signIn, AdministrationDatabase database, RetentionSettings retention, Func<GatewayOptions> options)
{
    /// <summary>Rows beyond this are not counted: on a busy gateway that would take the database minutes.</summary>
    public const int MostCounted = 1_000_000;

    private const int MostTrialLength = 262_144;

    /// <summary>Every setting, in the order of the documentation.</summary>
    public async Task<IReadOnlyList<SettingView>> ListAsync(CancellationToken cancellationToken)
    {
        SignInRulesView rules = await signIn.ReadAsync(cancellationToken);
        return
        [
            .. KnownSettings.Grouped.SelectMany(g => g.Settings.Select(s => s.Key switch
            {
                "Gateway:SignIn:DefaultRole" when !rules.DefaultRoleDeclared => View(g.Title, s) with
                {
                    Value = rules.DefaultRole, IsSet = true, IsDefault = rules.DefaultRole == Security.ConsoleRoles.None, Source = "database", Origin = "the rules of sign-in",
                },
                _ => View(g.Title, s),
            })),
        ];
    }

    public async Task<RetentionReport> RetentionAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        long? firstCall = await context.UsageRecords.MinAsync(r => (long?)r.StartedAtMs, cancellationToken);
        return new RetentionReport(
            [
                new("Single calls", "Gateway:Usage:RetentionDays", Days(retention.UsageDays), await context.UsageRecords.OrderBy(r => r.StartedAtMs).Take(MostCounted).CountAsync(cancellationToken),
                    firstCall is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null),
                new("What was said in captured calls", "Gateway:Capture:RetentionDays", retention.CaptureDays, await context.CapturedCalls.OrderBy(c => c.ExpiresAt).Take(MostCounted).CountAsync(cancellationToken),
                    await context.CapturedCalls.MinAsync(c => (DateTimeOffset?)c.At, cancellationToken)),
                new("Answers for previous_response_id", "Gateway:Responses:TimeToLive", (int)Math.Ceiling(options().ResponseTimeToLive.TotalDays), await context.StoredResponses.OrderBy(r => r.Id).Take(MostCounted).CountAsync(cancellationToken),
                    await context.StoredResponses.MinAsync(r => (DateTimeOffset?)r.CreatedAt, cancellationToken)),
                new("The audit log", "Gateway:Audit:RetentionDays", Days(retention.AuditDays), await context.Audit.OrderBy(a => a.At).Take(MostCounted).CountAsync(cancellationToken),
                    await context.Audit.MinAsync(a => (DateTimeOffset?)a.At, cancellationToken)),
                new("What happened to the gateway", "Gateway:Events:RetentionDays", Days(retention.EventsDays), await context.OperationEvents.OrderBy(e => e.At).Take(MostCounted).CountAsync(cancellationToken),
                    await context.OperationEvents.MinAsync(e => (DateTimeOffset?)e.At, cancellationToken)),
            ],
            await SizeAsync(context, cancellationToken));
    }

    /// <summary>Takes the secrets out of a text as it is done with what captured calls say. Nothing is kept.</summary>
    public static AdministrationResult<RedactedText> Redact(RedactionTrial trial) => trial.Text switch
    {
        null or "" => AdministrationFailure.Invalid("text", "A text is needed."),
        { Length: > MostTrialLength } => AdministrationFailure.Invalid("text", $"At most {MostTrialLength} characters."),
        var text => new RedactedText(Sanitizer.Default.SanitizeBody(System.Text.Encoding.UTF8.GetBytes(text))),
    };

    private SettingView View(string group, Setting setting)
    {
        SettingOrigin origin = configuration.OriginOf(setting);
        string? usual = setting.DefaultAt(configuration.Place);
        bool isSecret = setting.Kind == SettingKind.Secret;
        string? value = origin.Value ?? usual;
        return new SettingView(
            setting.Key,
            group,
            setting.Kind.ToString().ToLowerInvariant(),
            setting.Unit,
            isSecret ? null : value,
            origin.Value is not null,
            usual,
            isSecret ? origin.Value is null : Same(setting, value, usual),
            origin.Source.ToString().ToLowerInvariant(),
            origin.Name,
            [.. setting.Variables, SettingOrigin.LongName(setting)],
            setting.FileAlias,
            setting.Meaning,
            setting.Choices);
    }

    // 1m is 60s.
    private static bool Same(Setting setting, string? value, string? usual) => setting.Kind == SettingKind.Duration && value is not null && usual is not null
        ? DurationText.TryParse(value, out TimeSpan a) && DurationText.TryParse(usual, out TimeSpan b) && a == b
        : string.Equals(value, usual, StringComparison.OrdinalIgnoreCase);

    private static int? Days(int days) => days == 0 ? null : days;

    private static async Task<long?> SizeAsync(GatewayDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        await using System.Data.Common.DbCommand command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = context switch
        {
            PostgresGatewayDbContext => "SELECT pg_database_size(current_database())",
            SqlServerGatewayDbContext => "SELECT SUM(CAST(size AS bigint)) * 8192 FROM sys.database_files",
            _ => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        };
        return await command.ExecuteScalarAsync(cancellationToken) is { } size and not DBNull ? Convert.ToInt64(size, CultureInfo.InvariantCulture) : null;
    }
}
