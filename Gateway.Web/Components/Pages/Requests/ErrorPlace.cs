using Gateway.Core;
using Gateway.Core.Accounting;

namespace Gateway.Web.Components.Pages.Requests;

/// <summary>Where to change what a call failed by, or to see it from nearer.</summary>
/// <param name="Text">What the link says.</param>
/// <param name="Url">Where it goes.</param>
internal sealed record ErrorPlace(string Text, string Url)
{
    /// <summary>Null where no page of the console helps.</summary>
    public static ErrorPlace? Of(UsageRecord call) => Enum.GetValues<GatewayErrorKind>().FirstOrDefault(k => k.ToName() == call.ErrorKind) switch
    {
        GatewayErrorKind.BudgetExhausted => new("See the budgets", ConsoleUrls.BudgetsPath),
        GatewayErrorKind.RateLimited or GatewayErrorKind.TokensLimited when call.KeyName is { } key => new("See the limits of this key", ConsoleUrls.Keys(null, key)),
        GatewayErrorKind.EndpointNotAllowed when call.KeyName is { } key => new("See this key", ConsoleUrls.Keys(null, key)),
        GatewayErrorKind.Unauthenticated => new("See the keys", ConsoleUrls.KeysPath),
        GatewayErrorKind.ModelNotFound => new("See the models", ConsoleUrls.ModelsPath),
        GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamQuotaExhausted => new("See the providers", ConsoleUrls.ProvidersPath),
        GatewayErrorKind.NoBackend or GatewayErrorKind.UpstreamRateLimited or GatewayErrorKind.UpstreamServerError or GatewayErrorKind.UpstreamTimeout
            or GatewayErrorKind.UpstreamConnection or GatewayErrorKind.UpstreamInvalidResponse or GatewayErrorKind.UpstreamStreamBroken =>
            new("See the backends' health", ConsoleUrls.Health("backends")),
        _ => null,
    };
}
