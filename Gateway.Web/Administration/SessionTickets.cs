using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>
/// What the sessions' cookies stand for. A person in hundreds of groups has a token larger than proxies let pass as a
/// cookie, so that the cookie is only a reference. Tickets are kept encrypted in the database, for every node, and in memory.
/// </summary>
internal sealed class SessionTickets(AdministrationDatabase database, IDataProtectionProvider dataProtection, TimeProvider time) : ITicketStore
{
    public const string Kind = "session";
    private const int MaxKnown = 10_000;

    private readonly Lazy<IDataProtector> _protector = new(() => dataProtection.CreateProtector("Gateway.Sessions.v1"));
    private readonly ConcurrentDictionary<string, AuthenticationTicket> _known = new(StringComparer.Ordinal);

    public Task<string> StoreAsync(AuthenticationTicket ticket) => StoreAsync(ticket, CancellationToken.None);

    public async Task<string> StoreAsync(AuthenticationTicket ticket, CancellationToken cancellationToken)
    {
        string key = RandomNumberGenerator.GetHexString(64, lowercase: true);
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset over = now - ConsoleSession.Lifetime;
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await context.Documents.Where(d => d.Kind == Kind && d.CreatedAt < over).ExecuteDeleteAsync(cancellationToken);
        context.Documents.Add(new DocumentRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Kind = Kind,
            Owner = "",
            Name = NameOf(key),
            BodyJson = AdministrationJson.Serialize(Convert.ToBase64String(_protector.Value.Protect(TicketSerializer.Default.Serialize(ticket)))),
            CreatedAt = now,
            UpdatedAt = now,
        });
        await context.SaveChangesAsync(cancellationToken);
        Remember(key, ticket);
        return key;
    }

    // A session never changes: a role that the rules give by now is found out at each request.
    public Task RenewAsync(string key, AuthenticationTicket ticket) => Task.CompletedTask;

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        if (_known.TryGetValue(key, out AuthenticationTicket? known))
        {
            return known;
        }
        string name = NameOf(key);
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(CancellationToken.None);
            string? body = await context.Documents.AsNoTracking().Where(d => d.Kind == Kind && d.Owner == "" && d.Name == name).Select(d => d.BodyJson).FirstOrDefaultAsync();
            if (body is null)
            {
                return null;
            }
            AuthenticationTicket? ticket = TicketSerializer.Default.Deserialize(_protector.Value.Unprotect(Convert.FromBase64String(body.Trim('"'))));
            if (ticket is not null)
            {
                Remember(key, ticket);
            }
            return ticket;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    public async Task RemoveAsync(string key)
    {
        _known.TryRemove(key, out _);
        string name = NameOf(key);
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(CancellationToken.None);
            await context.Documents.Where(d => d.Kind == Kind && d.Owner == "" && d.Name == name).ExecuteDeleteAsync();
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            // The session is among the ended ones, or past its time: the row alone opens nothing.
        }
    }

    private void Remember(string key, AuthenticationTicket ticket)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }
        _known[key] = ticket;
    }

    // Whoever reads the table cannot make a cookie of it.
    private static string NameOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(key)));
}
