using System.Text;
using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Components.Pages.Ledger;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class LedgerPageTests : IAsyncLifetime
{
    // When the calls began; a day's invoice is compared with that day's calls, so both are of this one moment.
    private static readonly DateTimeOffset Started = TimeProvider.System.GetUtcNow().AddMinutes(-1);
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void Books_WithoutCalls_SaySoAndShowNoZeros()
    {
        IRenderedComponent<LedgerPage> page = _console.Render<LedgerPage>();

        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("No calls in this span"));
        page.FindAll(".stat").ShouldBeEmpty();
    }

    [Fact]
    public async Task Books_WithCalls_ShowTheSumsThatAddUp()
    {
        await AddCallAsync("a", reserved: 5, cost: 2);
        await AddCallAsync("b", reserved: 1, cost: 4);
        await AddCallAsync("c", reserved: 3, cost: null);

        IRenderedComponent<LedgerPage> page = _console.Render<LedgerPage>();

        page.WaitForAssertion(() => page.FindAll(".stat").Count.ShouldBe(6));
        string text = page.Markup;
        text.ShouldContain("Reserved and overrun ($12.00) is settled and given back ($12.00).");
    }

    [Fact]
    public async Task Invoice_ThatDiffers_IsShownLargestDifferenceFirst()
    {
        await AddCallAsync("a", reserved: 0, cost: 2);
        IRenderedComponent<InvoicePanel> panel = _console.Render<InvoicePanel>();
        string csv = $"date,model,cost\n{Started:yyyy-MM-dd},real-model,2\n{Started:yyyy-MM-dd},other,50\n";

        panel.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(Encoding.UTF8.GetBytes(csv), "invoice.csv"));

        panel.WaitForAssertion(() => panel.FindAll("tbody tr").Count.ShouldBe(2));
        panel.FindAll("tbody tr")[0].TextContent.ShouldContain("only theirs");
        panel.FindAll("tbody tr")[1].TextContent.ShouldContain("match");
    }

    [Fact]
    public void Reprice_ForAViewer_IsNotOffered()
    {
        _console.Person.SetPolicies(ConsolePolicies.Viewer);

        IRenderedComponent<LedgerPage> page = _console.Render<LedgerPage>();

        page.WaitForAssertion(() => page.Find(".empty h2"));
        page.FindAll("#reprice-from").ShouldBeEmpty();
    }

    private async Task AddCallAsync(string id, decimal reserved, decimal? cost)
    {
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        context.UsageRecords.Add(new UsageRecordRow
        {
            Id = id.PadLeft(32, '0'),
            RequestId = id,
            StartedAtMs = Started.ToUnixTimeMilliseconds(),
            Operation = "chat",
            Method = "POST",
            Path = "/v1/chat/completions",
            Admitted = true,
            UpstreamModel = "real-model",
            UsageSource = 1,
            ReservedNanoUsd = NanoUsd.FromDollars(reserved).Value,
            CostNanoUsd = cost is { } dollars ? NanoUsd.FromDollars(dollars).Value : null,
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }
}
