using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Gateway.Web.Storage;

/// <summary>SQL Server and Azure SQL.</summary>
internal sealed class SqlServerGatewayDbContext(DbContextOptions<SqlServerGatewayDbContext> options) : GatewayDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // Names differ by case here as they do in the catalog; the server's default collation would merge them.
        foreach (IMutableProperty property in modelBuilder.Model.GetEntityTypes().SelectMany(e => e.GetProperties()))
        {
            if (property.ClrType == typeof(string) && (property.IsKey() || property.IsIndex()))
            {
                property.SetCollation("Latin1_General_100_BIN2");
            }
        }
    }
}

/// <summary>For <c>dotnet ef</c> only; nothing is connected to.</summary>
internal sealed class SqlServerDesignTimeFactory : IDesignTimeDbContextFactory<SqlServerGatewayDbContext>
{
    public SqlServerGatewayDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<SqlServerGatewayDbContext>();
        options.UseSqlServer("Server=design-time");
        return new SqlServerGatewayDbContext(options.Options);
    }
}
