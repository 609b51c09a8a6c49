using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage;

/// <summary>Hands out the configured database's context under the name that everyone uses.</summary>
internal sealed class GatewayDbContextFactory<TContext>(IDbContextFactory<TContext> pool) : IDbContextFactory<GatewayDbContext>
    where TContext : GatewayDbContext
{
    public GatewayDbContext CreateDbContext() => pool.CreateDbContext();

    public async Task<GatewayDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await pool.CreateDbContextAsync(cancellationToken);
}
