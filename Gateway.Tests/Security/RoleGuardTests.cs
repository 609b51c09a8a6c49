using System.Data.Common;
using System.Reflection;
using Gateway.Core.Chaos;
using Gateway.Web.Administration;
using Gateway.Web.Security;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security;

/// <summary>
/// Roles hold in every handler of the console, also of pages that are yet to be written: what changes anything asks who does it,
/// and only <see cref="CurrentOperator"/> can say so, after it has looked at the role.
/// </summary>
public sealed class RoleGuardTests
{
    // What a page may change without it, and why.
    private static readonly string[] Exempt = [];

    private static readonly string[] Writes = ["SaveChanges", "SaveChangesAsync", "ExecuteUpdateAsync", "ExecuteDeleteAsync", "ExecuteSqlRawAsync", "ExecuteSqlAsync"];

    private static readonly MethodBase[] OfTheConsole = [.. typeof(Actor).Assembly.GetTypes()
        .Where(t => t.DeclaringType is null && t.Namespace?.StartsWith("Gateway.Web.Components", StringComparison.Ordinal) == true).SelectMany(CallGraph.MethodsOf)];

    [Fact]
    public void Console_MakesNoActorOfItsOwn()
    {
        OfTheConsole.Length.ShouldBeGreaterThan(500);
        OfTheConsole.Where(m => CallGraph.CallsOf(m).Any(c => c.DeclaringType == typeof(Actor) && (c.IsConstructor || c.IsStatic))).Select(Show).ShouldBeEmpty();
    }

    [Fact]
    public void Console_CallsNothingThatChangesWithoutAnActor()
    {
        MethodBase[] called = [.. OfTheConsole.SelectMany(CallGraph.CallsOf)
            .Where(c => c.DeclaringType?.Namespace?.StartsWith("Gateway.Web.Administration", StringComparison.Ordinal) == true).Distinct()];
        MethodBase[] changing = [.. called.Where(c => CallGraph.Reaches(c, IsWrite))];

        // Or nothing would be looked at: there are so many kinds of entries, to be made, changed and deleted.
        changing.Length.ShouldBeGreaterThan(15);
        changing.Where(c => c.GetParameters().All(p => p.ParameterType != typeof(Actor))).Select(Show).Except(Exempt).ShouldBeEmpty();
    }

    // Directly, past the administration's classes.
    [Fact]
    public void Console_WritesNothingItself() => OfTheConsole.Where(m => CallGraph.CallsOf(m).Any(IsWrite)).Select(Show).Except(Exempt).ShouldBeEmpty();

    private static bool IsWrite(MethodBase call) =>
        (call.Name == "ApplyAsync" && call.DeclaringType == typeof(CatalogChanges))
        || (call.DeclaringType == typeof(ChaosSwitch) && call.Name is nameof(ChaosSwitch.TryAdd) or nameof(ChaosSwitch.Remove))
        || (typeof(DbCommand).IsAssignableFrom(call.DeclaringType) && call.Name is nameof(DbCommand.ExecuteNonQuery) or nameof(DbCommand.ExecuteNonQueryAsync))
        || (Writes.Contains(call.Name) && call.DeclaringType?.Namespace?.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) == true)
        || (Writes.Contains(call.Name) && typeof(DbContext).IsAssignableFrom(call.DeclaringType));

    private static string Show(MethodBase method) => $"{method.DeclaringType!.FullName}.{method.Name}";
}
