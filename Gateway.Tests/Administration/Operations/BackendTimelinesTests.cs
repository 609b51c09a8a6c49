using Gateway.Core.Catalog;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Health;
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

    private static string[] Spans(int knownFrom, params OperationEventRow[] events) =>
    [
        .. BackendTimelines.SpansOf(OneBackend(), events, Noon.AddMinutes(knownFrom), Noon, Noon.AddMinutes(60))
            .Select(s => $"{(s.From - Noon).TotalMinutes:0}-{(s.To - Noon).TotalMinutes:0} {s.State}"),
    ];

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
