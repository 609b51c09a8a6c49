using System.Reflection;
using System.Security.Claims;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Bunit;
using Gateway.Core.Chaos;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Keys;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

/// <summary>
/// Every page as someone has it open whose role has just gone: each button is still there and is pressed, each form is filled in and
/// sent, each question answered with yes. Nothing changes.
/// </summary>
public sealed class ViewerTests : IAsyncLifetime
{
    private const int MostPresses = 80;

    private readonly Denying _denying = new();
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Pages => new()
    {
        // How many of its handlers ask for the role: fewer, and the test does not reach what it is to try.
        { "ModelsPage", 2 },
        { "ProvidersPage", 4 },
        { "RoutesPage", 1 },
        { "RoutePage", 1 },
        { "KeysPage", 2 },
        { "TeamsPage", 2 },
        { "BudgetsPage", 3 },
        { "LedgerPage", 1 },
        { "PricesPage", 3 },
    };

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync(services =>
        services.AddScoped(s => new CurrentOperator(s.GetRequiredService<AuthenticationStateProvider>(), _denying, s.GetRequiredService<Toasts>())));

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task EverythingPressed_WithTheRoleGone_ChangesNothing(string name, int asked)
    {
        Type type = typeof(KeysPage).Assembly.GetTypes().Single(t => t.Name == name && t.GetCustomAttribute<RouteAttribute>() is not null);
        await SeedAsync();
        string before = await StateAsync();
        IRenderedComponent<IComponent> page = Open(type);
        page.WaitForAssertion(() => page.FindAll(".skeleton").ShouldBeEmpty());

        for (int i = 0; i < MostPresses; i++)
        {
            IElement[] buttons = Buttons(page);
            if (i >= buttons.Length)
            {
                break;
            }
            await PressAsync(buttons[i]);
            await AnswerDialogsAsync(page);
        }
        await SubmitAsync(page);

        (await StateAsync()).ShouldBe(before);
        _denying.Asked.ShouldBeGreaterThanOrEqualTo(asked);
    }

    private IRenderedComponent<IComponent> Open(Type type) => _console.Render(builder =>
    {
        builder.OpenComponent<RadzenDialog>(0);
        builder.CloseComponent();
        builder.OpenElement(1, "main");
        builder.OpenComponent(2, type);
        if (type.GetProperty("Id") is not null)
        {
            builder.AddComponentParameter(3, "Id", _console.Get<RouteAdministration>().ListAsync(Cancel).GetAwaiter().GetResult()[0].Id);
        }
        builder.CloseComponent();
        builder.CloseElement();
    });

    private static IElement[] Buttons(IRenderedComponent<IComponent> page) => [.. page.FindAll("main button").Where(b => !b.HasAttribute("disabled"))];

    private static async Task AnswerDialogsAsync(IRenderedComponent<IComponent> page)
    {
        for (int depth = 0; depth < 4; depth++)
        {
            if (page.FindAll(".rz-dialog .btn-danger-solid") is [{ } yes, ..])
            {
                await PressAsync(yes);
            }
            else if (page.FindAll(".rz-dialog form").Count > 0)
            {
                await SubmitAsync(page, ".rz-dialog ");
                if (page.FindAll(".rz-dialog button[type=button]") is [.., { } cancel])
                {
                    await PressAsync(cancel);
                }
            }
        }
    }

    private static async Task SubmitAsync(IRenderedComponent<IComponent> page, string within = "main ")
    {
        for (int i = 0; i < page.FindAll(within + "input").Count; i++)
        {
            if (page.FindAll(within + "input").ElementAtOrDefault(i) is IHtmlInputElement { IsDisabled: false } input && input.Value.Length == 0)
            {
                await TryAsync(() => input.ChangeAsync(new() { Value = input.Type switch { "number" => "1", "date" => "2030-01-01", "datetime-local" => "2030-01-01T00:00", "url" => "https://h.example/v1", _ => "by-a-viewer" } }));
            }
        }
        for (int i = 0; i < page.FindAll(within + "select").Count; i++)
        {
            if (page.FindAll(within + "select").ElementAtOrDefault(i) is IHtmlSelectElement select && select.Options.FirstOrDefault(o => o.Value.Length > 0) is { } option && string.IsNullOrEmpty(select.Value))
            {
                await TryAsync(() => select.ChangeAsync(new() { Value = option.Value }));
            }
        }
        for (int i = 0; i < page.FindAll(within + "form").Count; i++)
        {
            if (page.FindAll(within + "form").ElementAtOrDefault(i) is { } form)
            {
                await TryAsync(() => form.SubmitAsync());
            }
        }
    }

    private static Task PressAsync(IElement button) => TryAsync(() => button.ClickAsync(new()));

    // A button may only send its form, and what a press has drawn anew is not there to be pressed again.
    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            // What opens a dialog ends with the dialog.
            await Task.WhenAny(act(), Task.Delay(200, Cancel));
        }
        catch (Exception e) when (e is MissingEventHandlerException or Bunit.Rendering.UnknownEventHandlerIdException)
        {
        }
    }

    private async Task SeedAsync()
    {
        await _console.SimulateAsync("m");
        await _console.Get<RouteAdministration>().CreateAsync(new RouteChange { Name = "r", Steps = new RouteStepView[] { new() { Model = "m" } } }, Actor.System, Cancel);
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "k" }, Actor.System, Cancel);
        await _console.Get<PriceAdministration>().CreateAsync(new PriceChange { Model = "m", InputPerMillion = Gateway.Core.Catalog.NanoUsd.FromDollars(1) }, Actor.System, Cancel);
        await _console.Get<TeamAdministration>().CreateAsync(new TeamChange { Name = "t" }, Actor.System, Cancel);
        await _console.Get<LimitAdministration>().SetAsync("gateway", "", new LimitChange { RpmLimit = 90 }, Actor.System, Cancel);
        await _console.Get<BudgetAdministration>().CreateAsync(new BudgetChange { Name = "b", Scope = "gateway", AmountUsd = Gateway.Core.Catalog.NanoUsd.FromDollars(9) }, Actor.System, Cancel);
    }

    private async Task<string> StateAsync()
    {
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        return $"version {(await context.CatalogVersions.SingleAsync(Cancel)).Version}, {await context.Audit.CountAsync(Cancel)} entries, {await context.Documents.CountAsync(Cancel)} documents, {await context.LedgerAdjustments.CountAsync(Cancel)} adjustments, {_console.Get<ChaosSwitch>().Active.Count} faults";
    }

    private sealed class Denying : IAuthorizationService
    {
        public int Asked { get; private set; }

        public Task<AuthorizationResult> AuthorizeAsync(ClaimsPrincipal user, object? resource, IEnumerable<IAuthorizationRequirement> requirements) => Deny();

        public Task<AuthorizationResult> AuthorizeAsync(ClaimsPrincipal user, object? resource, string policyName) => Deny();

        private Task<AuthorizationResult> Deny()
        {
            Asked++;
            return Task.FromResult(AuthorizationResult.Failed());
        }
    }
}
