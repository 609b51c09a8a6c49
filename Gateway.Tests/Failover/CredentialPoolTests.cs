using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Routing;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

public class CredentialPoolTests
{
    private const long Now = 1_000_000;

    private static readonly GatewayError Refused = new(GatewayErrorKind.UpstreamAuthentication, "no");
    private static readonly GatewayError Limited = new(GatewayErrorKind.UpstreamRateLimited, "slow down");

    [Fact]
    public void TryTake_200AtOnceOnThreeLimitedKeys_ExactlyTheSumOfTheirLimits()
    {
        Backend backend = BackendWith(Key("a", rpm: 10), Key("b", rpm: 20), Key("c", rpm: 30));
        int granted = 0;
        GatewayError? refusal = null;

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            if (CredentialPool.TryTake(backend, Now, 100, out CredentialLease lease) is { } error)
            {
                refusal = error;
            }
            else
            {
                Interlocked.Increment(ref granted);
                lease.Return(Now, null, 200, 100);
            }
        });

        granted.ShouldBe(60);
        backend.Provider.Pool.Select(c => c.State.InFlight).ShouldBe([0, 0, 0]);
        backend.Provider.Pool.Select(c => c.State.TokensInFlight).ShouldBe([0, 0, 0]);
        refusal!.Kind.ShouldBe(GatewayErrorKind.UpstreamRateLimited);
        refusal.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(59, 61);
    }

    [Fact]
    public void TryTake_200AtOnceOnTokensAMinute_NeverMoreReservedThanTheLimit()
    {
        Backend backend = BackendWith(Key("a", tpm: 1_000), Key("b", tpm: 2_000));
        int granted = 0;

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            if (CredentialPool.TryTake(backend, Now, 100, out CredentialLease unused) is null)
            {
                Interlocked.Increment(ref granted);
            }
        });

        granted.ShouldBe(30);
        backend.Provider.Pool.Select(c => c.State.TokensInFlight).ShouldBe([1_000, 2_000]);
    }

    [Fact]
    public void TryTake_ReturnedWithLessThanReserved_RoomIsFree()
    {
        Backend backend = BackendWith(Key("a", tpm: 1_000));

        CredentialPool.TryTake(backend, Now, 900, out CredentialLease lease).ShouldBeNull();
        CredentialPool.TryTake(backend, Now, 200, out _).ShouldNotBeNull();
        lease.Return(Now, null, 200, usedTokens: 50);

        CredentialPool.TryTake(backend, Now, 900, out _).ShouldBeNull();
    }

    [Fact]
    public void TryTakeKeeper_AtItsLimit_RefusesForNoOtherKnowsWhatItKeeps()
    {
        Backend backend = BackendWith(Key("a"), Key("b", rpm: 1));

        CredentialPool.TryTakeKeeper(backend, "b", Now, 1, out CredentialLease lease).ShouldBeNull();
        lease.Definition!.Label.ShouldBe("b");
        GatewayError error = CredentialPool.TryTakeKeeper(backend, "b", Now, 1, out _).ShouldNotBeNull();

        error.Kind.ShouldBe(GatewayErrorKind.UpstreamRateLimited);
        error.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(61));
    }

    [Theory]
    [InlineData("b")]
    [InlineData("gone")]
    public void TryTakeKeeper_RefusedOrGone_AnyWillDo(string keeper)
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        CredentialPool.TryTakeKeeper(backend, "b", Now, 1, out CredentialLease refused).ShouldBeNull();
        refused.Return(Now, Refused, 401, 1);

        CredentialPool.TryTakeKeeper(backend, keeper, Now, 1, out CredentialLease lease).ShouldBeNull();

        lease.Definition!.Label.ShouldBe("a");
    }

    [Fact]
    public void TryTake_OneKeyBusier_TheOtherIsTaken()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        string[] taken = [.. Enumerable.Range(0, 6).Select(_ => Take(backend))];

        taken.Count(l => l == "a").ShouldBe(3);
        taken.Count(l => l == "b").ShouldBe(3);
    }

    [Fact]
    public void TryTake_KeysIdle_EachInItsTurn()
    {
        Backend backend = BackendWith(Key("a"), Key("b"), Key("c"));

        string[] taken = [.. Enumerable.Range(0, 6).Select(_ => TakeAndReturn(backend, null))];

        taken.Distinct().Count().ShouldBe(3);
        taken[..3].ShouldBe(taken[3..]);
    }

    [Fact]
    public void Return_KeyRefused_IsSetAsideForAllModelsAndComesBack()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        string dead = TakeAndReturn(backend, Refused, 401);

        Enumerable.Range(0, 4).Select(_ => TakeAndReturn(backend, null)).ShouldAllBe(l => l != dead);
        Enumerable.Range(0, 4).Select(_ => TakeAndReturn(OtherModel(backend), null)).ShouldAllBe(l => l != dead);

        Enumerable.Range(0, 2).Select(_ => TakeAndReturn(backend, null, now: Now + 61_000)).ShouldContain(dead);
    }

    [Fact]
    public void Return_ModelForbidden_KeyServesOtherModels()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        string dead = TakeAndReturn(backend, Refused, 403);

        Enumerable.Range(0, 4).Select(_ => TakeAndReturn(backend, null)).ShouldAllBe(l => l != dead);
        Enumerable.Range(0, 2).Select(_ => TakeAndReturn(OtherModel(backend), null)).ShouldContain(dead);
    }

    [Fact]
    public void Return_RetryAfterOfThirtySeconds_KeyWaitsThatLong()
    {
        Backend backend = BackendWith(Key("a"));
        TakeAndReturn(backend, Limited with { RetryAfter = TimeSpan.FromSeconds(30) }, 429);

        CredentialPool.TryTake(backend, Now + 10_000, 1, out _)!.RetryAfter.ShouldBe(TimeSpan.FromSeconds(20));
        CredentialPool.TryTake(backend, Now + 30_000, 1, out _).ShouldBeNull();
    }

    [Fact]
    public void Return_LimitedWithoutRetryAfter_PausesDoubleUpToAMinute()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        CredentialState state = backend.Provider.Pool[0].State;
        long now = Now;
        var pauses = new List<long>();

        for (int i = 0; i < 9; i++)
        {
            new CredentialLease(backend.Provider.Pool[0], backend, now, 0).Return(now, Limited, 429, 0);
            long until = state.FindSetAside("model", now)!.UntilMs;
            pauses.Add(until - now);
            now = until + 1;
        }

        pauses.ShouldBe([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    }

    [Fact]
    public void Return_ManyCallsRefusedAtOnce_CountAsOneRefusal()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        PooledCredential key = backend.Provider.Pool[0];

        for (int i = 0; i < 50; i++)
        {
            new CredentialLease(key, backend, Now, 0).Return(Now + 100 + i, Limited, 429, 0);
        }

        key.State.FindSetAside("model", Now + 150)!.Failures.ShouldBe(1);
    }

    [Fact]
    public void Return_SuccessOfACallFromBeforeTheRefusal_DoesNotClearIt()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        PooledCredential key = backend.Provider.Pool[0];
        new CredentialLease(key, backend, Now, 0).Return(Now + 10, Limited, 429, 0);

        new CredentialLease(key, backend, Now, 0).Return(Now + 20, null, 200, 0);
        key.State.FindSetAside("model", Now + 30).ShouldNotBeNull();

        new CredentialLease(key, backend, Now + 20, 0).Return(Now + 30, null, 200, 0);
        key.State.FindSetAside("model", Now + 30).ShouldBeNull();
    }

    [Fact]
    public void TryTake_OneLimitedAndOneRefused_IsALimitWithTheShorterWait()
    {
        Backend backend = BackendWith(Key("a"), Key("b"));
        new CredentialLease(backend.Provider.Pool[0], backend, Now, 0).Return(Now, Refused, 401, 0);
        new CredentialLease(backend.Provider.Pool[1], backend, Now, 0).Return(Now, Limited with { RetryAfter = TimeSpan.FromSeconds(5) }, 429, 0);

        GatewayError error = CredentialPool.TryTake(backend, Now, 1, out _)!;

        error.Kind.ShouldBe(GatewayErrorKind.UpstreamRateLimited);
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void TryTake_SingleKeyWithoutLimits_AllocatesNothing()
    {
        Backend backend = BackendWith(Key("a"));
        TakeAndReturn(backend, null);

        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
            {
                CredentialPool.TryTake(backend, Now, 100, out CredentialLease lease);
                lease.Return(Now, null, 200, 100);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
    }

    [Fact]
    public void Build_SecretReplaced_WhatWasHeldAgainstTheOldOneIsForgotten()
    {
        var catalog = new GatewayCatalog();
        catalog.Replace(Definition("sk-old")).ShouldBeEmpty();
        CredentialState old = catalog.Current.Providers["p"].Pool[0].State;

        catalog.Replace(Definition("sk-old")).ShouldBeEmpty();
        catalog.Current.Providers["p"].Pool[0].State.ShouldBeSameAs(old);
        catalog.Replace(Definition("sk-new")).ShouldBeEmpty();
        catalog.Current.Providers["p"].Pool[0].State.ShouldNotBeSameAs(old);
    }

    private static CatalogDefinition Definition(string secret) => new()
    {
        Providers = [new ProviderDefinition { Id = "p", Name = "p", BaseUrl = "http://127.0.0.1:1", Credentials = [new CredentialDefinition { Id = "c", Label = "c", Secret = secret }] }],
    };

    private static string Take(Backend backend)
    {
        CredentialPool.TryTake(backend, Now, 1, out CredentialLease lease).ShouldBeNull();
        return lease.Definition!.Label;
    }

    private static string TakeAndReturn(Backend backend, GatewayError? error, int? status = 200, long now = Now)
    {
        CredentialPool.TryTake(backend, now, 1, out CredentialLease lease).ShouldBeNull();
        lease.Return(now, error, status, 1);
        return lease.Definition!.Label;
    }

    private static CredentialDefinition Key(string label, int? rpm = null, int? tpm = null) =>
        new() { Id = label, Label = label, Secret = "sk-" + label, RpmLimit = rpm, TpmLimit = tpm };

    private static Backend OtherModel(Backend backend) =>
        new() { Id = "o", Provider = backend.Provider, UpstreamModel = "other", UpstreamModelJson = [], State = new BackendState() };

    private static Backend BackendWith(params CredentialDefinition[] credentials)
    {
        var provider = new Provider
        {
            Id = "p",
            Name = "p",
            Kind = ProviderKind.OpenAI,
            Credentials = credentials,
            Pool = [.. credentials.Select(c => new PooledCredential(c, new CredentialState()))],
            Settings = new Dictionary<string, string>(),
            Timeouts = new TimeoutSettings(),
            State = new ProviderState(),
            ClientVersion = "",
        };
        return new Backend { Id = "b", Provider = provider, UpstreamModel = "model", UpstreamModelJson = [], State = new BackendState() };
    }
}
