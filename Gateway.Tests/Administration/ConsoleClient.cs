using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Gateway.Web.Administration;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>The console as a browser without scripts sees it.</summary>
internal static partial class ConsoleClient
{
    private const string CookieName = "gateway-console";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A client with cookies of its own, that follows no redirect and holds no key.</summary>
    public static HttpClient Browser(this TestProduct product, string address = "http://localhost") =>
        product.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, BaseAddress = new Uri(address) });

    /// <summary>The antiforgery token in the form on a page.</summary>
    public static async Task<string> TokenAsync(this HttpClient browser, string page)
    {
        string html = await browser.GetStringAsync(page, Cancel);
        return TokenField().Match(html) is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : throw new InvalidOperationException("No form on " + page);
    }

    public static async Task<HttpResponseMessage> SignInAsync(this HttpClient browser, string? returnUrl = null, string password = "the-password-of-the-test")
    {
        string token = await browser.TokenAsync("/login" + (returnUrl is null ? "" : "?returnUrl=" + Uri.EscapeDataString(returnUrl)));
        return await browser.PostAsync("/login", Form(("userName", "admin"), ("password", password), ("returnUrl", returnUrl ?? ""), ("__RequestVerificationToken", token)), Cancel);
    }

    public static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    /// <summary>The session's cookie as <c>name=value</c>, as it was set.</summary>
    public static string SessionCookie(this HttpResponseMessage signedIn) =>
        signedIn.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith(CookieName + "=", StringComparison.Ordinal));

    /// <summary>A cookie of this product's own making, for roles and times that signing in does not give.</summary>
    public static async Task<string> CookieOfAsync(this TestProduct product, string role, DateTimeOffset since)
    {
        CookieAuthenticationOptions options = product.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(ConsoleSignIn.Scheme);
        string stamp = await product.Services.GetRequiredService<LocalAdministrator>().StampAsync(Cancel);
        var properties = new AuthenticationProperties { IssuedUtc = since, ExpiresUtc = since + ConsoleSession.Lifetime };
        var ticket = new AuthenticationTicket(ConsoleSession.Begin(new ConsoleAccount("somebody", role, stamp), since), properties, ConsoleSignIn.Scheme);
        // The cookie names the ticket, which is kept by the product.
        var reference = new ClaimsIdentity([new Claim("Microsoft.AspNetCore.Authentication.Cookies-SessionId", await options.SessionStore!.StoreAsync(ticket))], ConsoleSignIn.Scheme);
        return $"{CookieName}={options.TicketDataFormat.Protect(new AuthenticationTicket(new ClaimsPrincipal(reference), properties, ConsoleSignIn.Scheme))}";
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
