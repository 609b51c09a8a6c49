using System.Reflection;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Configuration;

/// <summary>What a definition says survives its way into a row and back, so that a new property cannot be forgotten.</summary>
public class RowRoundTripTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    private readonly CatalogRowWriter _writer = new(Now);

    [Fact]
    public void Model_WithEverythingSet_ComesBack() => Same(Fill(new ModelDefinition { Id = "", Name = "" }) with
    {
        Backends = [Fill(new BackendDefinition { Id = "" })],
        DefaultParamsJson = """{"a":1}""",
        RoutingPolicy = "cheapest",
    }, d => CatalogRowReader.Read(_writer.Model(d, null, _ => true)), "Id", "CreatedAt", "Source");

    [Fact]
    public void Route_WithEverythingSet_ComesBack() => Same(Fill(new RouteDefinition { Id = "", Name = "" }) with
    {
        Steps = [Fill(new RouteStepDefinition()) with { Timeouts = new TimeoutSettings { FirstByte = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(2), Total = TimeSpan.FromSeconds(3) } }],
    }, d => CatalogRowReader.Read(_writer.Route(d, null)), "Id", "Source");

    [Fact]
    public void Provider_WithEverythingSet_ComesBack() => Same(Fill(new ProviderDefinition { Id = "", Name = "" }) with
    {
        Settings = new Dictionary<string, string> { ["profile"] = "groq" },
        Timeouts = Fill(new TimeoutSettings()),
        Credentials = [],
    }, d => CatalogRowReader.ReadWithoutCredentials(_writer.Provider(d, null, (_, _) => "")), "Id", "Source");

    [Fact]
    public void Key_WithEverythingSet_ComesBack() => Same(
        Fill(new ApiKeyDefinition { Id = "", Name = "", Prefix = "", Hash = KeyHash.OfKey("x") }) with { OperatorChosen = false },
        d => CatalogRowReader.Read(_writer.Key(d, null, d.Team))!, "Id", "CreatedAt", "Source", "PreviousHash", "PreviousUntil", "CaptureMost", "CaptureUntil");

    [Fact]
    public void Team_WithEverythingSet_ComesBack() => Same(Fill(new TeamDefinition { Id = "", Name = "" }), d => CatalogRowReader.Read(_writer.Team(d, null)), "Id", "Source");

    [Fact]
    public void Limit_WithEverythingSet_ComesBack() => Same(Fill(new LimitDefinition { Scope = ScopeKind.Model }), d => CatalogRowReader.Read(_writer.Limit(d, null, d.Of)), "Source");

    [Fact]
    public void Budget_WithEverythingSet_ComesBack() => Same(
        Fill(new BudgetDefinition { Id = "", Name = "", Scope = ScopeKind.Model, Amount = new NanoUsd(5) }) with { Period = BudgetPeriod.Day },
        d => CatalogRowReader.Read(_writer.Budget(d, null, d.Of)), "Id", "Source");

    [Fact]
    public void Rows_KeptAndReadAgain_AreTheSame()
    {
        var rows = new CatalogRows
        {
            Keys = [Fill(new ApiKeyRow { Id = "1", Name = "k", Prefix = "p", Hash = "h" })],
            Routes = [Fill(new RouteRow { Id = "1", Name = "r", StepsJson = "[]" })],
            Budgets = [Fill(new BudgetRow { Id = "1", Name = "b", Scope = "key", Of = "x", Period = "day" })],
        };
        CatalogRows again = CatalogRows.Expand(rows.Compress());
        RowComparison.AreSame(again.Keys[0], rows.Keys[0]).ShouldBeTrue();
        RowComparison.AreSame(again.Routes[0], rows.Routes[0]).ShouldBeTrue();
        RowComparison.AreSame(again.Budgets[0], rows.Budgets[0]).ShouldBeTrue();
    }

    private static void Same<T>(T definition, Func<T, T> around, params string[] but)
    {
        T back = around(definition);
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(p => !but.Contains(p.Name) && p.Name != "EqualityContract"))
        {
            Text(property.GetValue(back)).ShouldBe(Text(property.GetValue(definition)), property.Name);
        }
    }

    // Lists of records by what is in them, whatever kind of list it is.
    private static string? Text(object? value) => value is System.Collections.IEnumerable list and not string ? string.Join('|', list.Cast<object>()) : value?.ToString();

    /// <summary>Sets every plain property to something that is not its default.</summary>
    private static T Fill<T>(T of)
        where T : class
    {
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(p => p.CanWrite))
        {
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            object? value = type == typeof(string) ? property.Name.EndsWith("Json", StringComparison.Ordinal) ? "[]" : property.Name.ToLowerInvariant()
                : type == typeof(int) ? 7 : type == typeof(long) ? 7L
                : type == typeof(bool) ? property.GetValue(of) is not true
                : type == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(1234)
                : type == typeof(DateTimeOffset) ? Now.AddHours(1)
                : type == typeof(NanoUsd) ? new NanoUsd(1_234_567)
                : type == typeof(IReadOnlyList<string>) ? new[] { "a", "b" }
                : type == typeof(LossPolicy) ? LossPolicy.Allow
                : null;
            if (value is not null)
            {
                property.SetValue(of, value);
            }
        }
        return of;
    }
}
