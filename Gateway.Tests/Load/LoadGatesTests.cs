using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Load;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Load;

public class LoadGatesTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EnterAsync_ModelOrProcessIsFull_KeyOfABetterPriorityGoesFirst(bool ofTheModel)
    {
        using var gates = new LoadGates(TimeProvider.System);
        LoadSettings settings = new() { MostRequests = ofTheModel ? 0 : 1 };
        Model? model = ofTheModel ? OneAtATime() : null;
        (LoadPlace place, _) = await EnterAsync("x", 0);
        Task<(LoadPlace Place, GatewayError? Error)> later = EnterAsync("a", 5);
        Task<(LoadPlace Place, GatewayError? Error)> sooner = EnterAsync("b", -1);

        gates.Leave(place, settings);

        (await sooner).Error.ShouldBeNull();
        later.IsCompleted.ShouldBeFalse();
        gates.Leave((await sooner).Place, settings);
        (await later).Error.ShouldBeNull();

        Task<(LoadPlace Place, GatewayError? Error)> EnterAsync(string id, int priority)
        {
            var key = new ApiKey { Id = id, Name = id, Prefix = id, Priority = priority, State = new KeyState() };
            return gates.EnterAsync(model, key, settings, TestContext.Current.CancellationToken).AsTask();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Close_WhoWaits_IsToldTheReason(bool ofTheModel)
    {
        using var gates = new LoadGates(TimeProvider.System);
        LoadSettings settings = new() { MostRequests = ofTheModel ? 0 : 1, QueueTimeout = TimeSpan.FromHours(1) };
        Model? model = ofTheModel ? OneAtATime() : null;
        var key = new ApiKey { Id = "x", Name = "x", Prefix = "x", State = new KeyState() };
        await gates.EnterAsync(model, key, settings, TestContext.Current.CancellationToken);
        Task<(LoadPlace Place, GatewayError? Error)> waiting = gates.EnterAsync(model, key, settings, TestContext.Current.CancellationToken).AsTask();
        var reason = new GatewayError(GatewayErrorKind.ShuttingDown, "It stops.");

        gates.Close(reason);

        (await waiting).Error.ShouldBe(reason);
        (await gates.EnterAsync(model, key, settings, TestContext.Current.CancellationToken)).Error.ShouldBe(reason, "it is not waited for again");
    }

    private static Model OneAtATime()
    {
        var definition = new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", Kind = ProviderKind.Simulated }],
            Models = [new ModelDefinition { Id = "m", Name = "m", MaxConcurrency = 1, Backends = [new BackendDefinition { Id = "b", Provider = "p" }] }],
        };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        return snapshot!.FindModel("m")!;
    }
}
