using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Gateway.Tests.Storage;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>The books: what was reserved and settled adds up, an invoice is held against it, and a corrected price corrects it.</summary>
public class LedgerTests
{
    private const string V1 = "/admin/v1";
    private const int Calls = 6;

    [Fact]
    public async Task Books_AfterCalls_AddUpAndAgreeWithUsageAndBudget()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string budget = await PrepareAsync(admin, "10");

        JsonElement ledger = await admin.GetAsync(V1 + "/ledger", 200);
        JsonElement usage = await admin.GetAsync(V1 + "/usage", 200);

        ledger.GetProperty("calls").GetInt64().ShouldBe(Calls);
        Dollars(ledger, "settled_usd").ShouldBe(Dollars(usage, "cost_usd"));
        Dollars(ledger, "settled_usd").ShouldBeGreaterThan(0);
        Dollars(ledger, "reserved_usd").ShouldBeGreaterThan(0);
        (Dollars(ledger, "reserved_usd") + Dollars(ledger, "overrun_usd")).ShouldBe(Dollars(ledger, "settled_usd") + Dollars(ledger, "released_usd"));
        JsonElement standing = (await admin.GetAsync($"{V1}/budgets/{budget}", 200)).GetProperty("standing");
        Dollars(standing, "spent_usd").ShouldBe(Dollars(ledger, "settled_usd"));
        Dollars(standing, "reserved_usd").ShouldBe(0);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Reprice_AfterAPriceWasCorrected_CorrectsBooksUsageAndBudgetOnce(string kind)
    {
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        string budget = await PrepareAsync(admin, "10");
        await DrainedAsync(admin);
        decimal before = Dollars(await admin.GetAsync(V1 + "/usage", 200), "cost_usd");
        string price = (await admin.GetAsync(V1 + "/prices", 200))[0].Id();
        await admin.PutAsync($"{V1}/prices/{price}", """{"input_per_million":"30","output_per_million":"30"}""");

        JsonElement dry = await PostAsync(admin, "ledger/reprice", """{"from":"2026-01-01T00:00:00Z"}""");
        (dry.GetProperty("changed").GetInt64(), dry.GetProperty("dry_run").GetBoolean(), dry.GetProperty("batch").ValueKind).ShouldBe((Calls, true, JsonValueKind.Null));
        Dollars(await admin.GetAsync(V1 + "/usage", 200), "cost_usd").ShouldBe(before);

        JsonElement done = await PostAsync(admin, "ledger/reprice", """{"from":"2026-01-01T00:00:00Z","dry_run":false}""");
        (Dollars(done, "before_usd"), Dollars(done, "after_usd")).ShouldBe((before, before * 3));
        Dollars(await admin.GetAsync(V1 + "/usage", 200), "cost_usd").ShouldBe(before * 3);
        Dollars(await admin.GetAsync(V1 + "/usage?interval=minute&from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", 200), "cost_usd").ShouldBe(0);
        JsonElement ledger = await admin.GetAsync(V1 + "/ledger", 200);
        (Dollars(ledger, "settled_usd"), Dollars(ledger, "adjusted_usd")).ShouldBe((before * 3, before * 2));
        ledger.GetProperty("adjustments")[0].GetProperty("calls").GetInt64().ShouldBe(Calls);
        Dollars((await admin.GetAsync($"{V1}/budgets/{budget}", 200)).GetProperty("standing"), "spent_usd").ShouldBe(before * 3);

        (await PostAsync(admin, "ledger/reprice", """{"from":"2026-01-01T00:00:00Z","dry_run":false}""")).GetProperty("changed").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Reprice_WhoeverAskedLeavesAfterAPage_StandsInTheAuditLogAsFarAsItCame()
    {
        using var left = new CancellationTokenSource();
        Action happens = () => { };
        await using var product = new TestProduct { Beside = services => new AtCommit(() => happens()).Watch(services) };
        HttpClient admin = await product.StartAsync();
        await PrepareAsync(admin, "10");
        await DrainedAsync(admin);
        string price = (await admin.GetAsync(V1 + "/prices", 200))[0].Id();
        await admin.PutAsync($"{V1}/prices/{price}", """{"input_per_million":"30","output_per_million":"30"}""");

        happens = left.Cancel;
        var change = new RepriceChange { From = DateTimeOffset.UnixEpoch, DryRun = false };
        await Should.ThrowAsync<OperationCanceledException>(() => product.Services.GetRequiredService<Repricing>().RunAsync(change, Actor.System, left.Token));

        JsonElement entry = (await admin.GetAsync(V1 + "/audit", 200)).EnumerateArray().Single(e => e.GetProperty("action").GetString() == "ledger.reprice");
        entry.GetProperty("after").GetProperty("changed").GetInt64().ShouldBe(Calls);
        (await admin.GetAsync(V1 + "/ledger", 200)).GetProperty("adjustments")[0].GetProperty("calls").GetInt64().ShouldBe(Calls);
    }

    // Records once forgot how long a cache is kept, and pricing again took the dearer writes for the cheaper ones.
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Reprice_OfACallThatWroteACacheForAnHour_ChangesNothingByItself(string kind)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            """{"id":"msg_1","type":"message","role":"assistant","model":"chat","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":100,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":60},"output_tokens":1}}""");
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"claude","kind":"anthropic","base_url":"{{upstream.Url}}"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"chat","default_params":{"frequency_penalty":1},"backends":[{"provider":"claude"}]}""");
        await admin.PostAsync(V1 + "/prices", """{"model":"chat","effective_from":"2026-01-01T00:00:00Z","input_per_million":"10","cache_write_per_million":"12.5","output_per_million":"50"}""");
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"k","rpm_limit":0,"tpm_limit":0}""")).GetProperty("key").GetString()!;
        (await admin.ChatAsync(key, "chat")).ShouldBe(200);
        await DrainedAsync(admin, calls: 1);

        JsonElement dry = await PostAsync(admin, "ledger/reprice", """{"from":"2026-01-01T00:00:00Z"}""");
        JsonElement call = (await admin.GetAsync(V1 + "/requests", 200))[0];

        dry.GetProperty("changed").GetInt64().ShouldBe(0);
        Dollars(await admin.GetAsync(V1 + "/usage", 200), "cost_usd").ShouldBe(0.00185m);
        call.GetProperty("usage").GetProperty("long_cache_write_tokens").GetInt64().ShouldBe(60);
        // What the header x-gateway-lossy said of it is in the record, too.
        call.GetProperty("lost").GetString().ShouldBe("frequency_penalty");
        // As queries, logs and metrics call it.
        call.GetProperty("operation").GetString().ShouldBe("chat.completions");
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Reconcile_AnInvoice_NamesWhatMatchesDiffersAndIsMissing(string kind)
    {
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        await PrepareAsync(admin, "10000");
        await DrainedAsync(admin);
        decimal ours = Dollars(await admin.GetAsync(V1 + "/usage", 200), "cost_usd");
        string day = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string csv = $"usage_date,model,cost_usd\n{day},chat,{(ours / 2).ToString(CultureInfo.InvariantCulture)}\n{day},chat,{(ours / 2).ToString(CultureInfo.InvariantCulture)}\n{day},unheard-of,5\nnonsense,chat,1\n";

        JsonElement compared = await PostAsync(admin, "ledger/reconcile?provider=sim", csv, "text/csv");

        JsonElement[] rows = [.. compared.GetProperty("rows").EnumerateArray()];
        rows.ShouldContain(r => r.GetProperty("model").GetString() == "chat" && r.GetProperty("verdict").GetString() == "match");
        rows.ShouldContain(r => r.GetProperty("model").GetString() == "unheard-of" && r.GetProperty("verdict").GetString() == "only_theirs");
        Dollars(compared, "difference_usd").ShouldBe(5);
        compared.GetProperty("problems")[0].GetString()!.ShouldStartWith("Line 5");

        JsonElement dearer = await PostAsync(admin, "ledger/reconcile", $"date,model,cost\n{day},chat,{(ours * 2).ToString(CultureInfo.InvariantCulture)}\n", "text/csv");
        dearer.GetProperty("rows")[0].GetProperty("verdict").GetString().ShouldBe("differs");
    }

    [Theory]
    [InlineData("start_time,end_time,amount_value,amount_currency,line_item\n1764288000,1764374400,1.25,usd,gpt-4o\n", "gpt-4o", "2025-11-28", "1.25")]
    [InlineData("usage_date_utc;workspace;model;cost_usd\n2026-11-28;Default;claude-sonnet-4-5;0.031\n", "claude-sonnet-4-5", "2026-11-28", "0.031")]
    [InlineData("Date,SKU,Cost\n2026-11-28T23:30:00-02:00,\"model, with a comma\",\"$1,234.5\"\n", "model, with a comma", "2026-11-29", "1234.5")]
    public void InvoiceFile_ExportsOfVendors_AreRead(string csv, string model, string day, string dollars)
    {
        var problems = new List<string>();

        InvoiceLine line = InvoiceFile.Read(new StringReader(csv), problems).ShouldHaveSingleItem();

        problems.ShouldBeEmpty();
        line.ShouldBe(new InvoiceLine(DateOnly.Parse(day, CultureInfo.InvariantCulture), model, NanoUsd.FromDollars(decimal.Parse(dollars, CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b,c\n1,2,3\n")]
    [InlineData("date,model,cost\n\"unended")]
    [InlineData("\0\0\0")]
    public void InvoiceFile_WhatIsNoInvoice_SaysWhatIsMissing(string csv)
    {
        var problems = new List<string>();

        InvoiceFile.Read(new StringReader(csv), problems).ShouldBeEmpty();

        problems.ShouldNotBeEmpty();
    }

    private static void Use(TestProduct product, TestDatabase? database)
    {
        if (database is not null)
        {
            product.Settings["Database:Provider"] = "postgres";
            product.Settings["ConnectionStrings:Gateway"] = database.Settings.ConnectionString;
        }
    }

    private static async Task<string> PrepareAsync(HttpClient admin, string dollarsPerMillion)
    {
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""");
        await admin.PostAsync(V1 + "/models", """{"name":"chat","backends":[{"provider":"sim"}]}""");
        await admin.PostAsync(V1 + "/prices", $$"""{"model":"chat","effective_from":"2026-01-01T00:00:00Z","input_per_million":"{{dollarsPerMillion}}","output_per_million":"{{dollarsPerMillion}}"}""");
        JsonElement issued = await admin.PostAsync(V1 + "/keys", """{"name":"k","rpm_limit":0,"tpm_limit":0}""");
        JsonElement budget = await admin.PostAsync(V1 + "/budgets", """{"name":"all","scope":"gateway","amount_usd":"1000","period":"day"}""");
        for (int i = 0; i < Calls; i++)
        {
            (await admin.ChatAsync(issued.GetProperty("key").GetString()!, "chat")).ShouldBe(200);
        }
        return budget.Id();
    }

    /// <summary>Waits until the calls are in the database.</summary>
    private static Task DrainedAsync(HttpClient admin, int calls = Calls) => Eventually.TrueAsync(
        async () => (await PostAsync(admin, "ledger/reprice", """{"from":"2026-01-01T00:00:00Z"}""")).GetProperty("examined").GetInt64() >= calls);

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        using HttpResponseMessage response = await admin.PostAsync(new Uri($"{V1}/{path}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static decimal Dollars(JsonElement element, string name) => decimal.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
