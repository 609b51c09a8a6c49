using System.Xml.Linq;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Security;

/// <summary>Keeps the Data Protection key ring in the database, where all nodes find it.</summary>
internal sealed class KeyRingRepository(IDbContextFactory<GatewayDbContext> contexts, DatabaseReady ready, TimeProvider time) : IXmlRepository
{
    // Data Protection's interface is synchronous. It caches the ring for a day, so this runs at the first use only.
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        ready.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        using GatewayDbContext context = contexts.CreateDbContext();
        return [.. context.DataProtectionKeys.AsNoTracking().OrderBy(k => k.Id).Select(k => k.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        ready.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        using GatewayDbContext context = contexts.CreateDbContext();
        DateTimeOffset now = time.GetUtcNow();
        context.DataProtectionKeys.Add(new()
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            FriendlyName = friendlyName,
            Xml = element.ToString(SaveOptions.DisableFormatting),
            CreatedAt = now,
        });
        context.SaveChanges();
    }
}
