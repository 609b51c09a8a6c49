using Gateway.Core.Catalog;

namespace Gateway.Tests.Accounting.Prices;

internal static class TestProvider
{
    public static Provider Create(string name = "p", ProviderKind kind = ProviderKind.OpenAICompatible, string? url = "https://api.example.com/v1/") => new()
    {
        Id = name,
        Name = name,
        Kind = kind,
        BaseUrl = url is null ? null : new Uri(url),
        Credentials = [],
        Settings = new Dictionary<string, string>(),
        Timeouts = new TimeoutSettings(),
        Active = true,
        State = new ProviderState(),
        ClientVersion = "1",
    };
}
