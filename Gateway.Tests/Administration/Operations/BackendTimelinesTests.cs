using Gateway.Core.Catalog;
using Gateway.Tests.Components;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Operations;

public class BackendTimelinesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void SpansOf_BeforeAnythingIsKnown_SaysNothing()
    {
        Spans(knownFrom: 20, At(20, EventKinds.NodeStart), At(30, EventKinds.CircuitOpen), At(40, EventKinds.CircuitClosed))
            .ShouldBe(["0-20 unknown", "20-30 ok", "30-40 open", "40-60 ok"]);
        Spans(knownFrom: 60).ShouldBe(["0-60 unknown"]);
    }

    [Fact]
    public void SpansOf_ManyNodes_TheWorstOfAllCounts()
    {
        Spans(
            knownFrom: -100,
            At(-10, EventKinds.CircuitOpen, node: "a"),
            At(10, EventKinds.CircuitOpen, node: "b"),
            At(15, EventKinds.CircuitHalfOpen, node: "a"),
            At(20, EventKinds.CircuitClosed, node: "a"),
            At(25, EventKinds.CircuitHalfOpen, node: "b"),
            At(30, EventKinds.CheckDown, node: "b"),
            // A new process remembers nothing.
            At(40, EventKinds.NodeStart, node: "b"))
            .ShouldBe(["0-25 open", "25-30 half_open", "30-40 down", "40-60 ok"]);
    }

    [Fact]
    public void SpansOf_WhatHappensToOthers_DoesNotConcernIt()
    {
        OperationEventRow other = At(10, EventKinds.CircuitOpen);
        other.SubjectId = "another";

        Spans(knownFrom: -100, other).ShouldBe(["0-60 ok"]);
    }

    [Fact]
    public async Task Read_WhatBeganBefore_IsKnownForADay()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync();
        await console.SimulateAsync("m");
        string backend = console.Get<GatewayCatalog>().Current.Backends.Keys.Single();
        var timelines = console.Get<BackendTimelines>();
        (await ReadAsync()).ShouldBe(["0-60 unknown"], "nothing is kept yet");

        await HappenAsync(minute: -26 * 60);
        (await ReadAsync()).ShouldBe(["0-60 ok"], "nobody can tell whether a node that was lost would have closed it");
        await HappenAsync(minute: -23 * 60);
        (await ReadAsync()).ShouldBe(["0-60 open"]);

        async Task<string[]> ReadAsync() => Show((await timelines.ReadAsync(Noon, Noon.AddMinutes(60), TestContext.Current.CancellationToken)).Single().Spans);

        async Task HappenAsync(int minute)
        {
            await using GatewayDbContext context = await console.Get<AdministrationDatabase>().OpenAsync(TestContext.Current.CancellationToken);
            OperationEventRow row = At(minute, EventKinds.CircuitOpen);
            row.SubjectId = backend;
            context.OperationEvents.Add(row);
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
    }

    private static string[] Spans(int knownFrom, params OperationEventRow[] events) =>
        Show(BackendTimelines.SpansOf(OneBackend(), events, Noon.AddMinutes(knownFrom), Noon, Noon.AddMinutes(60)));

    private static string[] Show(IReadOnlyList<TimelineSpan> spans) =>
        [.. spans.Select(s => $"{(s.From - Noon).TotalMinutes:0}-{(s.To - Noon).TotalMinutes:0} {s.State}")];

    private static OperationEventRow At(int minute, string kind, string node = "a") =>
        new() { Id = Guid.NewGuid().ToString("N"), At = Noon.AddMinutes(minute), Node = node, Kind = kind, SubjectId = "b", SubjectName = "b" };

    private static Backend OneBackend()
    {
        var definition = new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", Kind = ProviderKind.Simulated }],
            Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Provider = "p" }] }],
        };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        return snapshot!.FindModel("m")!.Backends[0];
    }
}
