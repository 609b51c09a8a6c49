using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// What the database declares, as rows: what a version keeps, and what a draft or a return to a version brings about. Revoked
/// keys are not in it. Credentials are in their encrypted form only.
/// </summary>
internal sealed record CatalogRows
{
    // Lenient, unlike the admin API's: a version of last year may know columns that are gone.
    private static readonly JsonSerializerOptions Json = new(AdministrationJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>With their credentials.</summary>
    public List<ProviderRow> Providers { get; init; } = [];

    /// <summary>With their backends.</summary>
    public List<ModelRow> Models { get; init; } = [];
    public List<RouteRow> Routes { get; init; } = [];
    public List<ApiKeyRow> Keys { get; init; } = [];
    public List<TeamRow> Teams { get; init; } = [];
    public List<LimitRow> Limits { get; init; } = [];
    public List<BudgetRow> Budgets { get; init; } = [];
    public List<PriceRow> Prices { get; init; } = [];

    [JsonIgnore]
    public bool IsEmpty =>
        Providers.Count + Models.Count + Routes.Count + Keys.Count + Teams.Count + Limits.Count + Budgets.Count + Prices.Count == 0;

    public static async Task<CatalogRows> ReadAsync(GatewayDbContext context, CancellationToken cancellationToken) => new()
    {
        Providers = await context.Providers.AsNoTracking().Include(p => p.Credentials).OrderBy(p => p.Name).ToListAsync(cancellationToken),
        Models = await context.Models.AsNoTracking().Include(m => m.Backends).OrderBy(m => m.Name).ToListAsync(cancellationToken),
        Routes = await context.Routes.AsNoTracking().OrderBy(r => r.Name).ToListAsync(cancellationToken),
        Keys = await context.ApiKeys.AsNoTracking().Where(k => k.RevokedAt == null).OrderBy(k => k.Id).ToListAsync(cancellationToken),
        Teams = await context.Teams.AsNoTracking().OrderBy(t => t.Name).ToListAsync(cancellationToken),
        Limits = await context.Limits.AsNoTracking().OrderBy(l => l.Scope).ThenBy(l => l.Of).ToListAsync(cancellationToken),
        Budgets = await context.Budgets.AsNoTracking().OrderBy(b => b.Name).ToListAsync(cancellationToken),
        Prices = await context.Prices.AsNoTracking().OrderBy(p => p.Id).ToListAsync(cancellationToken),
    };

    public static CatalogRows Expand(byte[] body)
    {
        using var stream = new BrotliStream(new MemoryStream(body), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<CatalogRows>(stream, Json)!;
    }

    public byte[] Compress()
    {
        using var buffer = new MemoryStream();
        using (var stream = new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(stream, this, Json);
        }
        return buffer.ToArray();
    }

    /// <summary>An independent copy.</summary>
    public CatalogRows Copy() => JsonSerializer.Deserialize<CatalogRows>(JsonSerializer.SerializeToUtf8Bytes(this, Json), Json)!;

    /// <summary>As requests would see it: with secrets in the clear, for memory only.</summary>
    public CatalogDefinition ToDefinition(CatalogRowReader reader) => ToDefinition(reader.Read);

    /// <summary>For comparing and showing: decrypts nothing; a credential's secret is its encrypted form.</summary>
    public CatalogDefinition ToDefinition() => ToDefinition(row => CatalogRowReader.ReadWithoutCredentials(row) with
    {
        Credentials =
        [
            .. row.Credentials.OrderBy(c => c.Position).Select(c => new CredentialDefinition
            {
                Id = c.Id,
                Label = c.Label,
                Secret = c.EncryptedSecret,
                RpmLimit = c.RpmLimit,
                TpmLimit = c.TpmLimit,
            }),
        ],
    });

    private CatalogDefinition ToDefinition(Func<ProviderRow, ProviderDefinition> provider) => new()
    {
        Providers = [.. Providers.Select(provider)],
        Models = [.. Models.Select(CatalogRowReader.Read)],
        Routes = [.. Routes.Select(CatalogRowReader.Read)],
        Keys = [.. Keys.Select(CatalogRowReader.Read).OfType<ApiKeyDefinition>()],
        Teams = [.. Teams.Select(CatalogRowReader.Read)],
        Limits = [.. Limits.Select(CatalogRowReader.Read)],
        Budgets = [.. Budgets.Select(CatalogRowReader.Read)],
        Prices = [.. Prices.Select(CatalogRowReader.Read)],
    };
}
