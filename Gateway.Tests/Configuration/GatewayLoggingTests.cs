using Gateway.Web.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class GatewayLoggingTests
{
    [Theory]
    [InlineData("json")]
    [InlineData("text")]
    public void Lines_ThatNobodyReads_AreDroppedRatherThanWaitedFor(string format)
    {
        using var configuration = new TestConfiguration();
        GatewaySettings settings = configuration.Read($"--Gateway:Telemetry:LogFormat={format}").Settings;

        using ServiceProvider services = new ServiceCollection().AddLogging(logging => logging.AddGatewayLogging(settings)).BuildServiceProvider();

        services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.QueueFullMode.ShouldBe(ConsoleLoggerQueueFullMode.DropWrite);
    }
}
