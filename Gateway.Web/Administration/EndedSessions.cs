using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>
/// Sessions that people ended by signing out, until they would have ended by themselves. A cookie that was copied, another
/// tab and another node's circuit are signed out with them. Kept in the database; the node that was asked knows at once, the
/// others within two seconds.
/// </summary>
internal sealed class EndedSessions(AdministrationDatabase database, TimeProvider time)
{
    private const string KeyPrefix = "ended-session.";

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _ended = new(StringComparer.Ordinal);
    private DateTimeOffset _readAt;

    /// <param name="until">When the session would have ended anyway.</param>
    /// <exception cref="System.Data.Common.DbException">It holds on this node only: the database cannot be reached.</exception>
    public async Task EndAsync(string session, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (!_ended.TryAdd(session, until))
        {
            return;
        }
        DateTimeOffset now = time.GetUtcNow();
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        foreach (SettingRow row in await context.Settings.Where(s => s.Key.StartsWith(KeyPrefix)).ToListAsync(cancellationToken))
        {
            if (EndOf(row) <= now)
            {
                context.Settings.Remove(row);
            }
        }
        context.Settings.Add(new SettingRow { Key = KeyPrefix + session, Value = until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), UpdatedAt = now });
        await context.SaveChangesAsync(cancellationToken);
    }

    public async Task<bool> ContainsAsync(string session, CancellationToken cancellationToken)
    {
        if (!_ended.ContainsKey(session) && time.GetUtcNow() - _readAt >= Freshness)
        {
            await ReadAsync(cancellationToken);
        }
        return _ended.ContainsKey(session);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            foreach (SettingRow row in await context.Settings.AsNoTracking().Where(s => s.Key.StartsWith(KeyPrefix)).ToListAsync(cancellationToken))
            {
                _ended.TryAdd(row.Key[KeyPrefix.Length..], EndOf(row));
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            // What is known goes on holding; an outage is no reason to sign everybody out.
        }
        foreach ((string session, DateTimeOffset until) in _ended)
        {
            if (until <= now)
            {
                _ended.TryRemove(session, out _);
            }
        }
        _readAt = now;
    }

    private static DateTimeOffset EndOf(SettingRow row) => DateTimeOffset.FromUnixTimeSeconds(long.Parse(row.Value, CultureInfo.InvariantCulture));
}
