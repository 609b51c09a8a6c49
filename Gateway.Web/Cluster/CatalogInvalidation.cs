using System.Globalization;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Storage.Catalog;

namespace Gateway.Web.Cluster;

/// <summary>
/// Tells other nodes of each change of the catalog, and looks at the database at once when one of them tells. A word that is
/// lost costs nothing but time: the catalog's loader looks regularly as well.
/// </summary>
internal sealed class CatalogInvalidation(CatalogSignal signal, RedisLink link, RedisDialer dialer, TimeProvider time, Random random) : BackgroundService
{
    public const string Channel = LimitKeys.Prefix + "catalog";

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Once, also where the service starts again.
        signal.Changed -= Announce;
        signal.Changed += Announce;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        signal.Changed -= Announce;
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var subscription = new RedisSubscription(dialer, Channel, Heard, () => signal.LookNow(CatalogSignal.Unknown), time, random);
        try
        {
            await subscription.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Announce(long version) =>
        _ = link.SendAsync(new RespCommand("PUBLISH", Channel, version.ToString(CultureInfo.InvariantCulture)));

    private void Heard(string text) =>
        signal.LookNow(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version : CatalogSignal.Unknown);
}
