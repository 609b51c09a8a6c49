using Microsoft.Extensions.Logging.Console;

namespace Gateway.Web.Configuration;

/// <summary>Log lines on standard output, one JSON object each unless text was asked for.</summary>
internal static class GatewayLogging
{
    public static void AddGatewayLogging(this ILoggingBuilder logging, GatewaySettings settings)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.LogLevel);
        // The frameworks' own stories are for debugging.
        LogLevel frameworks = settings.LogLevel <= LogLevel.Debug ? LogLevel.Information : (LogLevel)Math.Max((int)LogLevel.Warning, (int)settings.LogLevel);
        logging.AddFilter("Microsoft", frameworks);
        logging.AddFilter("System", frameworks);
        logging.AddFilter("Yarp", frameworks);
        // A line for each connection beyond the limit, which clients have in hand; RejectedConnections counts them.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", frameworks < LogLevel.Error && settings.LogLevel > LogLevel.Debug ? LogLevel.Error : frameworks);
        // It says of each request what our own lines say, and for that gives each an activity and a scope, heard or not.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.Hosting.Lifetime", settings.LogLevel);
        // Of a start that fails the program says why itself, in a sentence; what ends a process that runs is critical.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", settings.LogLevel > LogLevel.Debug ? LogLevel.Critical : frameworks);
        // By itself it makes whoever writes a line wait for whoever reads them. It says itself how many lines were dropped.
        logging.Services.Configure<ConsoleLoggerOptions>(o => o.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        if (settings.JsonLog)
        {
            logging.AddJsonConsole(o =>
            {
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.ColorBehavior = LoggerColorBehavior.Disabled;
                o.TimestampFormat = "HH:mm:ss.fff ";
                o.UseUtcTimestamp = true;
            });
        }
    }
}
