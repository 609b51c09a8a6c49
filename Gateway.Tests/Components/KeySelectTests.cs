using Bunit;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Budgets;
using Gateway.Web.Components.Pages.Connect;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>One of many keys is found by typing, with the keyboard alone.</summary>
public sealed class KeySelectTests : BunitContext
{
    private static readonly KeyChoice[] Many = [.. Enumerable.Range(0, 10_000).Select(i => new KeyChoice($"id-{i}", $"app {i:00000}", $"ml-{i}", i == 7 ? "ada@example.com" : null))];

    private string _chosen = "id-3";

    public KeySelectTests() => Services.AddScoped<Show>();

    [Fact]
    public async Task OfTenThousand_FewAreInThePage()
    {
        IRenderedComponent<KeySelect> select = Open(Many);
        select.Find("input").GetAttribute("value").ShouldBe("app 00003");
        select.FindAll("[role=option]").ShouldBeEmpty();

        await select.ClickAsync("input");

        select.FindAll("[role=option]").Count.ShouldBe(KeySelect.Most);
        select.Find("[role=status]").TextContent.ShouldBe("20 of 10,000 keys: type to narrow them down.");
    }

    [Fact]
    public async Task Typing_FindsByNameOwnerAndBeginning_AndEnterChooses()
    {
        IRenderedComponent<KeySelect> select = Open(Many);
        await select.InputAsync("input", "ADA@");
        select.Find("[role=option] .truncate").TextContent.ShouldBe("app 00007");
        await select.InputAsync("input", "ml-9999");
        select.Find("[role=option] .truncate").TextContent.ShouldBe("app 09999");

        await select.InputAsync("input", "0012");
        await select.KeyDownAsync("input", "ArrowDown");
        string active = select.Find("input").GetAttribute("aria-activedescendant")!;
        select.Find("#" + active).TextContent.ShouldContain("app 00120");
        await select.KeyDownAsync("input", "Enter");

        _chosen.ShouldBe("id-120");
        select.FindAll("[role=option]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Leaving_AfterTypingOnly_KeepsTheChoice()
    {
        IRenderedComponent<KeySelect> select = Open(Many);
        await select.InputAsync("input", "app 5");
        await select.FocusOutAsync(".key-select");

        _chosen.ShouldBe("id-3");
        select.Find("input").GetAttribute("value").ShouldBe("app 00003");
        select.Find("input").GetAttribute("aria-expanded").ShouldBe("false");
    }

    [Fact]
    public async Task Emptied_WhereThereIsAWordForNone_IsNone()
    {
        IRenderedComponent<KeySelect> select = Open(Many, any: "any key");
        await select.InputAsync("input", "");
        select.Find("[role=option]").TextContent.ShouldBe("any key");
        await select.FocusOutAsync(".key-select");

        _chosen.ShouldBe("");
    }

    [Fact]
    public async Task FormsAndPages_OfManyKeys_OfferThoseThatAreTyped()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync();
        CancellationToken cancel = Xunit.TestContext.Current.CancellationToken;
        for (int i = 0; i < KeySelect.Most + 5; i++)
        {
            await console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = $"app-{i:00}" }, Actor.System, cancel);
        }
        IRenderedComponent<BudgetDialog> dialog = console.Render<BudgetDialog>();
        await dialog.ChangeAsync("#scope-kind", "key");
        dialog.FindAll("option").Count(o => o.TextContent.StartsWith("app-", StringComparison.Ordinal)).ShouldBe(0);
        await dialog.InputAsync("#scope-of", "24");
        await dialog.ClickAsync("[role=option]");
        dialog.Find("#scope-of").GetAttribute("value").ShouldBe("app-24");

        IRenderedComponent<ConnectPage> connect = console.Render<ConnectPage>();
        connect.FindAll("option").Count(o => o.TextContent.StartsWith("app-", StringComparison.Ordinal)).ShouldBe(0);
        await connect.InputAsync("#connect-key", "app-24");
        connect.WaitForElement(".key-list [role=option]");
        await connect.KeyDownAsync("#connect-key", "Enter");
        connect.WaitForAssertion(() => connect.Find("#connect-key").GetAttribute("value").ShouldBe("app-24"));
    }

    private IRenderedComponent<KeySelect> Open(IReadOnlyList<KeyChoice> keys, string? any = null) => Render<KeySelect>(p => p
        .Add(s => s.Id, "k").Add(s => s.From, () => keys).Add(s => s.Any, any).Add(s => s.Value, _chosen)
        .Add(s => s.ValueChanged, EventCallback.Factory.Create<string>(this, id => _chosen = id)));
}
