using System.Data.Common;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Opens the database for reading, once it is ready.</summary>
internal sealed class AdministrationDatabase(IDbContextFactory<GatewayDbContext> contexts, DatabaseReady ready)
{
    /// <exception cref="TimeoutException">The database has not come up since the start.</exception>
    /// <exception cref="DbException">By what is done with the context: the database cannot be reached.</exception>
    public async Task<GatewayDbContext> OpenAsync(CancellationToken cancellationToken)
    {
        await ready.WaitForAnswerAsync(cancellationToken);
        return await contexts.CreateDbContextAsync(cancellationToken);
    }

    /// <summary>How a change goes; a database that is away is an expected failure, too.</summary>
    public static async Task<AdministrationResult<T>> TryAsync<T>(Func<Task<AdministrationResult<T>>> change)
    {
        try
        {
            return await change();
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.UnavailableBecause(e);
        }
    }
}
