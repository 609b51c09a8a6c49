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
    public void OfTenThousand_FewAreInThePage()
    {
        IRenderedComponent<KeySelect> select = Open(Many);
        select.Find("input").GetAttribute("value").ShouldBe("app 00003");
        select.FindAll("[role=option]").ShouldBeEmpty();

        select.Find("input").Click();

        select.FindAll("[role=option]").Count.ShouldBe(KeySelect.Most);
        select.Find("[role=status]").TextContent.ShouldBe("20 of 10,000 keys: type to narrow them down.");
    }

    [Fact]
    public void Typing_FindsByNameOwnerAndBeginning_AndEnterChooses()
    {
        IRenderedComponent<KeySelect> select = Open(Many);
        select.Find("input").Input("ADA@");
        select.Find("[role=option] .truncate").TextContent.ShouldBe("app 00007");
        select.Find("input").Input("ml-9999");
        select.Find("[role=option] .truncate").TextContent.ShouldBe("app 09999");

        select.Find("input").Input("0012");
        select.Find("input").KeyDown("ArrowDown");
        string active = select.Find("input").GetAttribute("aria-activedescendant")!;
        select.Find("#" + active).TextContent.ShouldContain("app 00120");
        select.Find("input").KeyDown("Enter");

        _chosen.ShouldBe("id-120");
        select.FindAll("[role=option]").ShouldBeEmpty();
    }

    [Fact]
    public void Leaving_AfterTypingOnly_KeepsTheChoice()
    {
        IRenderedComponent<KeySelect> select = Open(Many);
        select.Find("input").Input("app 5");
        select.Find(".key-select").FocusOut();

        _chosen.ShouldBe("id-3");
        select.Find("input").GetAttribute("value").ShouldBe("app 00003");
        select.Find("input").GetAttribute("aria-expanded").ShouldBe("false");
    }

    [Fact]
    public void Emptied_WhereThereIsAWordForNone_IsNone()
    {
        IRenderedComponent<KeySelect> select = Open(Many, any: "any key");
        select.Find("input").Input("");
        select.Find("[role=option]").TextContent.ShouldBe("any key");
        select.Find(".key-select").FocusOut();

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
        dialog.Find("#scope-kind").Change("key");
        dialog.FindAll("option").Count(o => o.TextContent.StartsWith("app-", StringComparison.Ordinal)).ShouldBe(0);
        dialog.Find("#scope-of").Input("24");
        dialog.Find("[role=option]").Click();
        dialog.Find("#scope-of").GetAttribute("value").ShouldBe("app-24");

        IRenderedComponent<ConnectPage> connect = console.Render<ConnectPage>();
        connect.FindAll("option").Count(o => o.TextContent.StartsWith("app-", StringComparison.Ordinal)).ShouldBe(0);
        connect.Find("#connect-key").Input("app-24");
        connect.WaitForElement(".key-list [role=option]");
        connect.Find("#connect-key").KeyDown("Enter");
        connect.WaitForAssertion(() => connect.Find("#connect-key").GetAttribute("value").ShouldBe("app-24"));
    }

    private IRenderedComponent<KeySelect> Open(IReadOnlyList<KeyChoice> keys, string? any = null) => Render<KeySelect>(p => p
        .Add(s => s.Id, "k").Add(s => s.From, () => keys).Add(s => s.Any, any).Add(s => s.Value, _chosen)
        .Add(s => s.ValueChanged, EventCallback.Factory.Create<string>(this, id => _chosen = id)));
}
