using System.Security.Claims;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security;

/// <summary>Tests of pages say which policies a person meets; this one says which role meets which.</summary>
public class ConsolePoliciesTests
{
    private static readonly string[] All = [ConsolePolicies.Viewer, ConsolePolicies.TeamOperator, ConsolePolicies.Operator, ConsolePolicies.Administrator];

    [Theory]
    [InlineData(ConsoleRoles.Viewer, 1)]
    [InlineData(ConsoleRoles.TeamOperator, 2)]
    [InlineData(ConsoleRoles.Operator, 3)]
    [InlineData(ConsoleRoles.Administrator, 4)]
    [InlineData(ConsoleRoles.None, 0)]
    [InlineData("root", 0)]
    [InlineData("Administrator", 0)]
    public async Task Policies_OfARole_AreItsOwnAndThoseOfTheRolesBeforeIt(string role, int count)
    {
        (await MetByAsync(new ClaimsIdentity([new Claim(ClaimTypes.Role, role)], "test"))).ShouldBe(All.Take(count));
        // Without an authentication type nobody has signed in, whatever the claims say.
        (await MetByAsync(new ClaimsIdentity([new Claim(ClaimTypes.Role, role)]))).ShouldBeEmpty();
    }

    [Fact]
    public void Policies_OfAnEndpointThatSaysNothing_AreTheViewers()
    {
        var options = new AuthorizationOptions();
        ConsolePolicies.Configure(options);

        options.FallbackPolicy.ShouldNotBeNull().ShouldBeSameAs(options.GetPolicy(ConsolePolicies.Viewer));
    }

    private static async Task<List<string>> MetByAsync(ClaimsIdentity identity)
    {
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddAuthorizationCore(ConsolePolicies.Configure).BuildServiceProvider();
        var authorization = services.GetRequiredService<IAuthorizationService>();
        var met = new List<string>();
        foreach (string policy in All)
        {
            if ((await authorization.AuthorizeAsync(new ClaimsPrincipal(identity), null, policy)).Succeeded)
            {
                met.Add(policy);
            }
        }
        return met;
    }
}
