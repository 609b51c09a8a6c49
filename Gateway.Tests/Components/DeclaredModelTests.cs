using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Components;
using Gateway.Web.Components.Pages.Health;
using Gateway.Web.Components.Pages.Models;
using Gateway.Web.Configuration;
using Gateway.Web.Storage.Catalog;
using Microsoft.AspNetCore.Components;
using Radzen.Blazor;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>What a file declares is changed there: nobody is offered to change it here.</summary>
public sealed class DeclaredModelTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        _console.Get<CatalogSources>().ReplaceFile(
            new CatalogDefinition
            {
                Providers = [new ProviderDefinition { Id = "p", Name = "p", Kind = ProviderKind.Simulated, Source = EntrySource.File }],
                Models = [new ModelDefinition { Id = "m", Name = "declared", Source = EntrySource.File, Backends = [new BackendDefinition { Id = "b", Provider = "p" }] }],
            },
            ProviderWeights.None).ShouldBeEmpty();
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void Backend_CanBeSetAside_ButNotDrained()
    {
        IRenderedComponent<BackendsPanel> panel = _console.Render<BackendsPanel>(p => p.Add(b => b.Range, TimeRange.Parse("1h", null, null, TimeProvider.System.GetUtcNow())));

        panel.WaitForAssertion(() => panel.FindAll("article button").Select(b => b.TextContent).ShouldBe(["Set aside"]));
    }

    [Fact]
    public void Model_ToEditByTheAddress_IsShownInstead()
    {
        _console.Get<NavigationManager>().NavigateTo("/models?edit=m");
        IRenderedComponent<IComponent> page = _console.Render(b =>
        {
            b.OpenComponent<RadzenDialog>(0);
            b.CloseComponent();
            b.OpenComponent<ModelsPage>(1);
            b.CloseComponent();
        });

        page.WaitForAssertion(() => _console.Get<NavigationManager>().Uri.ShouldEndWith("/models?find=declared"));
        page.FindAll("#model-name").ShouldBeEmpty();
    }
}
