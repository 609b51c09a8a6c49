using Gateway.Tests.Administration;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security.SignIn;

/// <summary>The product with a scripted provider named <c>acme</c>, whose group <c>admins</c> are administrators and <c>readers</c> viewers.</summary>
internal sealed class SignInProduct : IAsyncDisposable
{
    private SignInProduct(TestProduct product, ScriptedProvider provider, HttpClient admin) => (Product, Provider, Admin) = (product, provider, admin);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public TestProduct Product { get; }
    public ScriptedProvider Provider { get; }

    /// <summary>Holds the admin key.</summary>
    public HttpClient Admin { get; }

    public static async Task<SignInProduct> StartAsync(params (string Key, string Value)[] settings) => await StartAsync(await ScriptedProvider.StartAsync(), settings);

    public static async Task<SignInProduct> StartAsync(ScriptedProvider provider, params (string Key, string Value)[] settings)
    {
        var product = new TestProduct();
        if (settings.All(s => !s.Key.StartsWith("AzureAd", StringComparison.Ordinal)))
        {
            product.Settings["Gateway:SignIn:Providers:acme:Authority"] = provider.Authority;
            product.Settings["Gateway:SignIn:Providers:acme:ClientId"] = "console";
            product.Settings["Gateway:SignIn:Providers:acme:ClientSecret"] = "the-secret";
            product.Settings["Gateway:SignIn:Providers:acme:DisplayName"] = "Acme";
        }
        product.Settings["Gateway:SignIn:Rules:0:Claim"] = "groups";
        product.Settings["Gateway:SignIn:Rules:0:Value"] = "admins";
        product.Settings["Gateway:SignIn:Rules:0:Role"] = "administrator";
        product.Settings["Gateway:SignIn:Rules:1:Claim"] = "groups";
        product.Settings["Gateway:SignIn:Rules:1:Value"] = "readers";
        product.Settings["Gateway:SignIn:Rules:1:Role"] = "viewer";
        foreach ((string key, string value) in settings)
        {
            product.Settings[key] = value;
        }
        return new SignInProduct(product, provider, await product.StartAsync());
    }

    /// <summary>From the button to the provider and back; where the console then leads to.</summary>
    public async Task<string> SignInAsync(HttpClient browser, string returnUrl = "/keys", string provider = "acme")
    {
        Uri back = Provider.Agree(await BeginAsync(browser, returnUrl, provider));
        return await ReturnAsync(browser, back.PathAndQuery);
    }

    /// <summary>The provider's address that the button leads to.</summary>
    public static async Task<Uri> BeginAsync(HttpClient browser, string returnUrl = "/keys", string provider = "acme")
    {
        using HttpResponseMessage begun = await browser.GetAsync($"/login/with/{provider}?returnUrl={Uri.EscapeDataString(returnUrl)}", Cancel);
        ((int)begun.StatusCode).ShouldBe(302);
        Uri location = begun.Headers.Location!;
        location.IsAbsoluteUri.ShouldBeTrue(location.ToString());
        return location;
    }

    public static async Task<string> ReturnAsync(HttpClient browser, string callback)
    {
        using HttpResponseMessage answer = await browser.GetAsync(callback, Cancel);
        ((int)answer.StatusCode).ShouldBe(302, await answer.Content.ReadAsStringAsync(Cancel));
        return answer.Headers.Location!.ToString();
    }

    /// <summary>The sign-in failed for that reason: its page says a sentence, and there is no session.</summary>
    public static async Task ShouldHaveFailedAsync(HttpClient browser, string location, string problem)
    {
        location.ShouldStartWith("/login?problem=");
        QueryHelpers.ParseQuery(location[location.IndexOf('?')..])["problem"].ToString().ShouldBe(problem);
        string page = await browser.GetStringAsync(location, Cancel);
        page.ShouldContain("role=\"alert\"");
        page.ShouldContain("Acme");
        page.ShouldNotContain("<script>alert");
        (await IsSignedInAsync(browser)).ShouldBeFalse();
    }

    public static async Task<bool> IsSignedInAsync(HttpClient browser)
    {
        using HttpResponseMessage answer = await browser.GetAsync("/keys", Cancel);
        return (int)answer.StatusCode == 200;
    }

    public async ValueTask DisposeAsync()
    {
        await Product.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
