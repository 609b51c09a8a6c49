using Gateway.Web.Security;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

internal static class SecretsServiceCollectionExtensions
{
    /// <summary>Adds Data Protection with its key ring in the database, wrapped by the master key. Call it last.</summary>
    public static IServiceCollection AddGatewaySecrets(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("Gateway");
        services.AddSingleton<MasterKey>();
        services.AddSingleton<SecretProtector>();
        services.AddSingleton<KeyRingRepository>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(s => new ConfigureOptions<KeyManagementOptions>(o =>
        {
            o.XmlRepository = s.GetRequiredService<KeyRingRepository>();
            o.XmlEncryptor = new KeyRingEncryptor(s.GetRequiredService<MasterKey>());
        }));
        // It would read the ring while the process starts, before the database is migrated and the first request is served.
        // Sign-in and antiforgery bring it along, hence the last place.
        foreach (ServiceDescriptor eager in services.Where(d => d.ImplementationType?.Name == "DataProtectionHostedService").ToList())
        {
            services.Remove(eager);
        }
        return services;
    }
}
