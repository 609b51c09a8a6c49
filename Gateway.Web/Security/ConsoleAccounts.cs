using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Web.Security;

/// <summary>Who may sign in to the console: the local administrator.</summary>
internal sealed class ConsoleAccounts(IConfiguration configuration)
{
    public const string AdministratorName = "admin";

    private string Password => configuration["Gateway:Admin:Password"] ?? "";

    private string Stamp => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Password)))[..16];

    /// <summary>Null when name and password do not belong together.</summary>
    public Task<ConsoleAccount?> FindAsync(string name, string password, CancellationToken cancellationToken)
    {
        bool same = Password.Length > 0 && name == AdministratorName && password == Password;
        return Task.FromResult(same ? new ConsoleAccount(name, ConsoleRoles.Administrator, Stamp) : null);
    }

    /// <summary>False when the session behind <paramref name="user"/> is to end.</summary>
    public Task<bool> IsValidAsync(ClaimsPrincipal? user, CancellationToken cancellationToken) =>
        Task.FromResult(user?.FindFirstValue(ConsoleSignIn.StampClaim) == Stamp);
}
