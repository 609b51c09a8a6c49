using System.Security.Cryptography;
using System.Text;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>
/// The one local account of the console. Its password is <c>Gateway:Admin:Password</c>, or else one that is made at the
/// first start, printed once, and kept as a hash.
/// </summary>
internal sealed class LocalAdministrator(AdministrationDatabase database, IConfiguration configuration, TimeProvider time)
{
    public const string UserName = "admin";
    private const string SettingKey = "local-administrator.password";

    private string? _storedHash;

    private string? Configured => configuration["Gateway:Admin:Password"] is { Length: > 0 } password ? password : null;

    /// <summary>Makes a password when there is none yet.</summary>
    /// <returns>The new password, to be shown this once; null when there was nothing to do.</returns>
    public async Task<string?> EnsureAsync(CancellationToken cancellationToken)
    {
        if (Configured is not null || await StoredHashAsync(cancellationToken) is not null)
        {
            return null;
        }
        string password = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 20);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        context.Settings.Add(new SettingRow { Key = SettingKey, Value = PasswordHash.Make(password), UpdatedAt = time.GetUtcNow() });
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException) when (!cancellationToken.IsCancellationRequested)
        {
            // Another node was quicker: its password counts, and that node has printed it.
            return await StoredHashAsync(cancellationToken) is null ? throw new InvalidOperationException("The administrator's password could not be saved.") : null;
        }
        return password;
    }

    /// <summary>Whether this is the administrator's password; takes as long for a wrong one.</summary>
    public async Task<bool> VerifyAsync(string password, CancellationToken cancellationToken) =>
        Configured is { } configured
            ? CryptographicOperations.FixedTimeEquals(Digest(password), Digest(configured))
            : await StoredHashAsync(cancellationToken) is { } hash && await OffPool.RunAsync("Password", () => PasswordHash.Verify(password, hash), cancellationToken);

    /// <summary>Changes with the password: sessions that carry another one are over.</summary>
    public async Task<string> StampAsync(CancellationToken cancellationToken)
    {
        string basis = Configured ?? await StoredHashAsync(cancellationToken) ?? "";
        return Convert.ToHexStringLower(Digest("stamp:" + basis))[..16];
    }

    private async Task<string?> StoredHashAsync(CancellationToken cancellationToken)
    {
        // Kept once it is found: it is made once and never changed by the gateway.
        if (Volatile.Read(ref _storedHash) is { } known)
        {
            return known;
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        string? hash = await context.Settings.AsNoTracking().Where(s => s.Key == SettingKey).Select(s => s.Value).FirstOrDefaultAsync(cancellationToken);
        Volatile.Write(ref _storedHash, hash);
        return hash;
    }

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
