using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;


namespace Gateway.Web.Storage;

/// <summary>
/// The one model of the database. A derived context per database differs only in its migrations. Get one from
/// <c>IDbContextFactory&lt;GatewayDbContext&gt;</c> and dispose it soon; contexts are pooled.
/// </summary>
internal abstract class GatewayDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<ProviderRow> Providers => Set<ProviderRow>();
    public DbSet<CredentialRow> Credentials => Set<CredentialRow>();
    public DbSet<ModelRow> Models => Set<ModelRow>();
    public DbSet<BackendRow> Backends => Set<BackendRow>();
    public DbSet<RouteRow> Routes => Set<RouteRow>();
    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();
    public DbSet<TeamRow> Teams => Set<TeamRow>();
    public DbSet<LimitRow> Limits => Set<LimitRow>();
    public DbSet<BudgetRow> Budgets => Set<BudgetRow>();
    public DbSet<LedgerAdjustmentRow> LedgerAdjustments => Set<LedgerAdjustmentRow>();
    public DbSet<PriceRow> Prices => Set<PriceRow>();
    public DbSet<AuditRow> Audit => Set<AuditRow>();
    public DbSet<SettingRow> Settings => Set<SettingRow>();
    public DbSet<DataProtectionKeyRow> DataProtectionKeys => Set<DataProtectionKeyRow>();
    public DbSet<CatalogVersionRow> CatalogVersions => Set<CatalogVersionRow>();
    public DbSet<UsageRecordRow> UsageRecords => Set<UsageRecordRow>();
    public DbSet<UsageRollupRow> UsageRollups => Set<UsageRollupRow>();
    public DbSet<JournalPositionRow> JournalPositions => Set<JournalPositionRow>();
    public DbSet<StoredResponseRow> StoredResponses => Set<StoredResponseRow>();
    public DbSet<DocumentRow> Documents => Set<DocumentRow>();
    public DbSet<ConfigVersionRow> ConfigVersions => Set<ConfigVersionRow>();
    public DbSet<OperationEventRow> OperationEvents => Set<OperationEventRow>();
    public DbSet<CapturedCallRow> CapturedCalls => Set<CapturedCallRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // Neither time nor money sorts or sums right in SQLite in its own type.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMillisecondsConverter>();
        configurationBuilder.Properties<NanoUsd>().HaveConversion<NanoUsdConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ProviderRow>().HasMany(p => p.Credentials).WithOne().HasForeignKey(c => c.ProviderId);
        modelBuilder.Entity<ModelRow>().HasMany(m => m.Backends).WithOne().HasForeignKey(b => b.ModelId);
        modelBuilder.Entity<CatalogVersionRow>().HasData(new CatalogVersionRow { Version = 0 });
        foreach (IMutableEntityType entity in modelBuilder.Model.GetEntityTypes())
        {
            entity.SetTableName(JsonNamingPolicy.SnakeCaseLower.ConvertName(entity.GetTableName()!));
            foreach (IMutableProperty property in entity.GetProperties())
            {
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            }
        }
    }
}
