using Gateway.Web.Administration;
using Gateway.Web.Alerts;

namespace Microsoft.Extensions.DependencyInjection;

internal static class AlertServiceCollectionExtensions
{
    /// <summary>Adds what judges alert rules and tells of them; needs the administration and events.</summary>
    /// <param name="node">This process's name in the database.</param>
    public static IServiceCollection AddGatewayAlerts(this IServiceCollection services, string node) => services
        .AddSingleton<GuardedDialer>()
        .AddSingleton<WebhookSender>()
        .AddSingleton(s => new MailSender(s.GetRequiredService<GuardedDialer>(), s.GetRequiredService<TimeProvider>()))
        .AddSingleton<AlertDelivery>()
        .AddSingleton<AlertReadings>()
        .AddSingleton(s => new AlertLease(s.GetRequiredService<AdministrationDatabase>(), node, s.GetRequiredService<TimeProvider>()))
        .AddSingleton<AlertEvaluator>()
        .AddHostedService(s => s.GetRequiredService<AlertEvaluator>());
}
