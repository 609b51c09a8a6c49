using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Gateway.Web.Storage;

/// <summary>PostgreSQL.</summary>
internal sealed class PostgresGatewayDbContext(DbContextOptions<PostgresGatewayDbContext> options) : GatewayDbContext(options);

/// <summary>For <c>dotnet ef</c> only; nothing is connected to.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresGatewayDbContext>
{
    public PostgresGatewayDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<PostgresGatewayDbContext>();
        options.UseNpgsql("Host=design-time");
        return new PostgresGatewayDbContext(options.Options);
    }
}
