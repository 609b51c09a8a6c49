using Gateway.Web.Storage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public class DatabaseSettingsTests
{
    [Fact]
    public void TryRead_Nothing_IsSqliteInTheDataDirectory()
    {
        DatabaseSettings settings = Read([]);
        settings.Provider.ShouldBe(DatabaseProvider.Sqlite);
        SqliteFile.Name(settings.ConnectionString).ShouldBe("/data/gateway.db");
    }

    [Theory]
    [InlineData("sqlite:my.db", "/data/my.db")]
    [InlineData("sqlite:/var/x.db", "/var/x.db")]
    [InlineData("sqlite:///var/x.db", "/var/x.db")]
    public void TryRead_SqliteUrl_ResolvesTheFile(string url, string expected) =>
        SqliteFile.Name(Read([new("Database:Url", url)]).ConnectionString).ShouldBe(expected);

    [Fact]
    public void TryRead_PostgresUrl_BecomesAConnectionString()
    {
        DatabaseSettings settings = Read([new("Database:Url", "postgres://us%40er:p%3Ass@db.example:5433/gateway?sslmode=disable&application_name=gw")]);
        settings.Provider.ShouldBe(DatabaseProvider.Postgres);
        var builder = new Npgsql.NpgsqlConnectionStringBuilder(settings.ConnectionString);
        (builder.Host, builder.Port, builder.Database, builder.Username, builder.Password, builder.SslMode, builder.ApplicationName)
            .ShouldBe(("db.example", 5433, "gateway", "us@er", "p:ss", Npgsql.SslMode.Disable, "gw"));
    }

    [Fact]
    public void TryRead_SqlServerUrl_BecomesAConnectionString()
    {
        DatabaseSettings settings = Read([new("Database:Url", "sqlserver://sa:secret@db.example:1444/gateway?TrustServerCertificate=true")]);
        settings.Provider.ShouldBe(DatabaseProvider.SqlServer);
        var builder = new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(settings.ConnectionString);
        (builder.DataSource, builder.InitialCatalog, builder.UserID, builder.Password, builder.TrustServerCertificate)
            .ShouldBe(("db.example,1444", "gateway", "sa", "secret", true));
    }

    [Theory]
    [InlineData("mysql://root:geheim@h/db")]
    [InlineData("postgres://root:geheim@h/db?no_such_parameter=1")]
    [InlineData("nonsense geheim")]
    public void TryRead_BadUrl_NamesTheSettingAndHidesThePassword(string url)
    {
        DatabaseSettings.TryRead(Get([new("Database:Url", url)]), "/data", out _, out string? error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain("DATABASE_URL");
        error.ShouldNotContain("geheim");
    }

    [Fact]
    public void TryRead_ConnectionStringAndUrl_TheConnectionStringWins() =>
        Read([new("Database:Provider", "postgres"), new("ConnectionStrings:Gateway", "Host=a"), new("Database:Url", "postgres://b/c")])
            .ConnectionString.ShouldBe("Host=a");

    [Theory]
    [InlineData("Host=a")]
    [InlineData("Data Source=a")]
    public void TryRead_PoolSizes_AreInTheWordsOfTheDatabasesClient(string connection)
    {
        bool postgres = connection == "Host=a";
        DatabaseSettings settings = Read([new("Database:Provider", postgres ? "postgres" : "sqlserver"), new("ConnectionStrings:Gateway", connection),
            new("Database:MaxPoolSize", "10"), new("Database:MinPoolSize", "2")]);

        (postgres
            ? new Npgsql.NpgsqlConnectionStringBuilder(settings.ConnectionString) is var p ? (p.MinPoolSize, p.MaxPoolSize) : default
            : new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(settings.ConnectionString) is var s ? (s.MinPoolSize, s.MaxPoolSize) : default)
            .ShouldBe((2, 10));
    }

    [Theory]
    [InlineData("postgres", "Host=a;Password=ge;heim=1", "ConnectionStrings:Gateway")]
    [InlineData("sqlserver", "Data Source=a;Password=ge;heim=1", "ConnectionStrings:Gateway")]
    [InlineData("postgres", "Host=a;Port=heim", "ConnectionStrings:Gateway")]
    [InlineData("postgres", "Host=a;Minimum Pool Size=11", "Database:MinPoolSize")]
    [InlineData("sqlserver", "Data Source=a;Min Pool Size=11", "Database:MinPoolSize")]
    public void TryRead_ConnectionThatCannotBe_NamesTheSettingAndHidesThePassword(string provider, string connection, string setting)
    {
        DatabaseSettings.TryRead(Get([new("Database:Provider", provider), new("ConnectionStrings:Gateway", connection), new("Database:MaxPoolSize", "10")]), "/data", out _, out string? error)
            .ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain(setting);
        error.ShouldNotContain("heim");
    }

    [Fact]
    public void TryRead_UnknownProvider_SaysWhatIsKnown()
    {
        DatabaseSettings.TryRead(Get([new("Database:Provider", "oracle")]), "/data", out _, out string? error).ShouldBeFalse();
        error.ShouldBe("Database:Provider is \"oracle\"; it must be sqlite, postgres or sqlserver.");
    }

    private static DatabaseSettings Read(KeyValuePair<string, string?>[] values)
    {
        DatabaseSettings.TryRead(Get(values), "/data", out DatabaseSettings? settings, out string? error).ShouldBeTrue(error);
        return settings!;
    }

    private static Func<string, string?> Get(KeyValuePair<string, string?>[] values) => key => values.FirstOrDefault(v => v.Key == key).Value;
}
