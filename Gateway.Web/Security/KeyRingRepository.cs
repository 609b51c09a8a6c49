using System.Data.Common;
using System.Xml.Linq;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Gateway.Web.Security;

/// <summary>Keeps the Data Protection key ring in the database, where all nodes find it.</summary>
internal sealed class KeyRingRepository(GatewayDatabase database, DatabaseReady ready, TimeProvider time) : IXmlRepository
{
    // Data Protection's interface is synchronous. It caches the ring for a day, so this runs at the first use only. That may be
    // while a page is rendered, whose context would have to run what it waits for: so elsewhere. (SQLite never waits, which
    // hides it.)
    public IReadOnlyCollection<XElement> GetAllElements() => Task.Run(ReadAsync).GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => Task.Run(() => WriteAsync(element, friendlyName)).GetAwaiter().GetResult();

    private async Task<IReadOnlyCollection<XElement>> ReadAsync()
    {
        await ready.WaitAsync(CancellationToken.None);
        await using DbConnection connection = await database.OpenAsync(CancellationToken.None);
        return await connection.ReadAsync("data_protection_keys", ["xml"], "ORDER BY \"id\"", row => XElement.Parse(row.Text()), CancellationToken.None);
    }

    private async Task WriteAsync(XElement element, string friendlyName)
    {
        await ready.WaitAsync(CancellationToken.None);
        DateTimeOffset now = time.GetUtcNow();
        await using DbConnection connection = await database.OpenAsync(CancellationToken.None);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "INSERT INTO \"data_protection_keys\" (\"id\", \"friendly_name\", \"xml\", \"created_at\") VALUES (@p0, @p1, @p2, @p3)";
        command.AddParameters([Guid.CreateVersion7(now).ToString("N"), friendlyName, element.ToString(SaveOptions.DisableFormatting), now.ToUnixTimeMilliseconds()]);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
