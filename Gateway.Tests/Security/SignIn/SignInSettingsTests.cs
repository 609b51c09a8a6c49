using Gateway.Tests.Configuration;
using Gateway.Web.Configuration;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security.SignIn;

public sealed class SignInSettingsTests
{
    [Fact]
    public void Read_WithNothing_IsTheLocalAdministratorAlone()
    {
        SignInSettings settings = Read();
        settings.Local.ShouldBeTrue();
        settings.Providers.ShouldBeEmpty();
    }

    [Fact]
    public void Read_WithoutAnyWayIn_IsRefused() =>
        Errors(("Gateway:SignIn:Local", "false")).ShouldHaveSingleItem().ShouldContain("nobody could open the console");

    [Fact]
    public void Read_OfAnEmptyAzureAdSection_IsNoProvider() =>
        Read(("AzureAd:Instance", "https://login.microsoftonline.com/"), ("AzureAd:TenantId", ""), ("AzureAd:ClientId", "")).Providers.ShouldBeEmpty();

    [Fact]
    public void Read_OfWhatIsWrong_NamesEverything()
    {
        IReadOnlyList<string> errors = Errors(
            ("Gateway:SignIn:Providers:a:Authority", "http://id.example.com"),
            ("Gateway:SignIn:Providers:a:ClientID2", "x"),
            ("Gateway:SignIn:Providers:console:Authority", "https://id.example.com"),
            ("Gateway:SignIn:Providers:console:ClientId", "x"),
            ("Gateway:SignIn:Providers:b:Authority", "https://id.example.com?x"),
            ("Gateway:SignIn:Providers:b:ClientId", "x"),
            ("Gateway:SignIn:Providers:b:UserInfo", "perhaps"),
            ("AzureAd:ClientId", "x"),
            ("AzureAd:ClientCredentials:0:SourceType", "SignedAssertionFromManagedIdentity"),
            ("Gateway:SignIn:PublicUrl", "https://x.example.com/console"),
            ("Gateway:SignIn:Rules:0:Claim", "groups"),
            ("Gateway:SignIn:Rules:0:Role", "admin"));
        foreach (string part in new[]
        {
            "a:Authority must be https", "a:ClientID2: there is no such setting", "a:ClientId is missing", "Providers:console: a provider's name", "b:Authority must be the provider's address",
            "b:UserInfo must be true or false", "AzureAd:TenantId is missing", "certificates and managed identities are not supported", "PublicUrl must be", "Rules:0:value", "Rules:0:role",
        })
        {
            errors.ShouldContain(e => e.Contains(part, StringComparison.Ordinal), part);
        }
    }

    [Fact]
    public void Read_OfTwoProvidersWithOneCallback_IsRefused() => Errors(
        ("Gateway:SignIn:Providers:a:Authority", "https://a.example.com"), ("Gateway:SignIn:Providers:a:ClientId", "x"), ("Gateway:SignIn:Providers:a:CallbackPath", "/back"),
        ("Gateway:SignIn:Providers:b:Authority", "https://b.example.com"), ("Gateway:SignIn:Providers:b:ClientId", "x"), ("Gateway:SignIn:Providers:b:CallbackPath", "/back"))
        .ShouldHaveSingleItem().ShouldContain("a and b share the CallbackPath /back");

    [Fact]
    public void Yaml_DeclaresProvidersAndRules()
    {
        using var files = new TestConfiguration();
        files.Yaml("""
            gateway:
              sign_in:
                local: false
                default_role: viewer
                providers:
                  my_company:
                    authority: https://id.example.com/realms/main
                    client_id: console
                    client_secret: ${SECRET}
                    scopes: [profile, email, groups]
                rules:
                  - claim: groups
                    value: admins
                    role: administrator
                  - provider: my_company
                    claim: domain
                    value: example.com
                    role: operator
                    teams: [search, billing]
            AzureAd:
              TenantId: 8c7a1f4e-5a52-4a3e-9c4e-0d6f7f0b1a2b
              ClientId: x
              ClientCredentials:
                - SourceType: ClientSecret
                  ClientSecret: y
            """);
        files.Environment["SECRET"] = "s3cret";
        CheckedConfiguration read = files.Read();
        read.Errors.ShouldBeEmpty();
        SignInSettings settings = SignInSettings.Read(files.Host.Configuration, read.Settings);

        settings.Local.ShouldBeFalse();
        settings.DefaultRole.ShouldBe("viewer");
        settings.Providers.Select(p => p.Name).ShouldBe(["my_company", "entra"]);
        settings.Providers[0].ClientSecret.ShouldBe("s3cret");
        settings.Providers[0].Scopes.ShouldBe(["profile", "email", "groups"]);
        settings.Providers[1].ClientSecret.ShouldBe("y");
        settings.Rules.Select(r => r.Role).ShouldBe(["administrator", "operator"]);
        settings.Rules[1].Teams.ShouldBe(["search", "billing"]);
    }

    private static IReadOnlyList<string> Errors(params (string Key, string Value)[] values) =>
        Should.Throw<GatewayConfigurationException>(() => Read(values)).Errors;

    private static SignInSettings Read(params (string Key, string Value)[] values)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build();
        GatewaySettings settings = new SettingsReader(key => configuration[key], new ConfigurationPlace(Path.GetTempPath(), null, "Production")).Read();
        return SignInSettings.Read(configuration, settings);
    }
}
