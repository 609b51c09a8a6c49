using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Redis;

public sealed class RedisEndpointTests
{
    [Theory]
    [InlineData("redis://cache", "cache", 6379, false, null, null, 0)]
    [InlineData("rediss://u:p%40ss@cache.example.com:6380/7", "cache.example.com", 6380, true, "u", "p@ss", 7)]
    [InlineData("redis://:only-password@10.0.0.1:1/", "10.0.0.1", 1, false, null, "only-password", 0)]
    [InlineData("redis://[::1]:7000", "::1", 7000, false, null, null, 0)]
    internal void TryParse_Valid_HasAllParts(string url, string host, int port, bool tls, string? user, string? password, int database)
    {
        RedisEndpoint.TryParse(url, out RedisEndpoint? endpoint, out _).ShouldBeTrue();

        endpoint.ShouldBe(new RedisEndpoint(host, port, tls, user, password, database));
        endpoint.ToString().ShouldBe($"{host}:{port}/{database}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("cache:6379")]
    [InlineData("http://:secret@cache")]
    [InlineData("redis://:secret@cache/zero")]
    [InlineData("redis://:secret@cache/-1")]
    [InlineData("redis://:secret@cache?db=1")]
    [InlineData("redis:///0")]
    public void TryParse_Invalid_SaysWhatIsExpectedWithoutRepeatingIt(string url)
    {
        RedisEndpoint.TryParse(url, out RedisEndpoint? endpoint, out string? error).ShouldBeFalse();

        endpoint.ShouldBeNull();
        error.ShouldStartWith("Redis:Url (REDIS_URL) must be");
        error.ShouldNotContain("secret");
    }
}
