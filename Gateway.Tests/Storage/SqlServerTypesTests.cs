using System.Reflection;
using System.Runtime.CompilerServices;
using Gateway.Web.Storage;
using Microsoft.Data.SqlClient;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public class SqlServerTypesTests
{
    [Fact]
    public void Load_EverythingInSqlClientThatNeedsTheMissingAssembly_Compiles()
    {
        SqlServerTypes.Load();
        Assembly assembly = Assembly.Load(new AssemblyName("Microsoft.SqlServer.Server, Version=1.0.0.0, Culture=neutral, PublicKeyToken=23ec7fc2d6eaa4a5"));
        assembly.GetTypes().Select(t => t.Name).ShouldBe(["Format", "IBinarySerialize", "InvalidUdtException", "SqlUserDefinedTypeAttribute"], ignoreOrder: true);

        // Compiling a method resolves the types and members that it names.
        Type[] users = [.. typeof(SqlConnection).Assembly.GetTypes().Where(t =>
            t.FullName is "Microsoft.Data.SqlClient.SqlParameter" or "Microsoft.Data.SqlClient.MetaType" or "Microsoft.Data.SqlClient.Server.SerializationHelperSql9"
                or "Microsoft.Data.SqlClient.Server.BinarySerializeSerializer" or "Microsoft.Data.SqlClient.Server.NormalizedSerializer")];
        users.Length.ShouldBeGreaterThan(2);
        foreach (MethodInfo method in users.SelectMany(t => t.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)))
        {
            if (!method.IsAbstract && !method.ContainsGenericParameters)
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }
}
