using System.Runtime.InteropServices;
using Gateway.Core;
using Gateway.Web.Storage.Catalog;

namespace Gateway.Web.Configuration;

/// <summary>
/// Follows changes of the settings files while running. It reads them twice a second instead of asking the file system for
/// events: editors replace files, mounted config maps swap symbolic links, and network mounts send no events at all. A
/// change counts when it was seen twice, so that a file is not read while it is being written. What is not valid is
/// refused whole, with every reason logged, and the old stays in force. SIGHUP has them read at once, as it has other servers.
/// </summary>
internal sealed partial class ConfigurationReload(
    GatewayConfiguration configuration, CheckedConfiguration start, GatewayOptionsSource options, CatalogSources sources, TimeProvider time, ILogger<ConfigurationReload> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    // Never given back: without it the signal ends the process and cuts every answer, those of a process that stops as well.
    private static readonly PosixSignalRegistration Hangup;

    private static int Hangups;

    // One that comes before this has begun to look counts, too.
    private int _heeded = Volatile.Read(ref Hangups);
    private bool _filled = IsFilled(configuration.Place.YamlFile);

    static ConfigurationReload() => Hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        Interlocked.Increment(ref Hangups);
    });

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What has changed since the start read them is a change, too.
        byte[] inForce = start.Files.Fingerprint;
        byte[] seen = inForce;
        return OwnThread.Every("Settings", Interval, time, Look, stoppingToken);

        void Look()
        {
            byte[] now = SettingsFiles.Fingerprint(configuration.Place);
            int hangups = Volatile.Read(ref Hangups);
            if (hangups != _heeded || (!now.AsSpan().SequenceEqual(inForce) && now.AsSpan().SequenceEqual(seen)))
            {
                _heeded = hangups;
                inForce = now;
                Reload();
            }
            seen = now;
        }
    }

    /// <summary>Reads the files now and puts them in force, or logs why not.</summary>
    internal bool Reload()
    {
        CheckedConfiguration read = configuration.Check();
        IReadOnlyList<string> errors = read.Errors;
        bool filled = IsFilled(configuration.Place.YamlFile);
        if (_filled && !filled)
        {
            errors = [$"{Path.GetFileName(configuration.Place.YamlFile)} is empty, as files are that a full disk or a writer that was stopped has cut. If nothing is to be declared, write {{}} into it."];
        }
        if (errors.Count == 0)
        {
            errors = [.. sources.ReplaceFile(read.Catalog, read.Weights).Select(e => $"{e.Path}: {e.Message}")];
        }
        if (errors.Count > 0)
        {
            LogRefused(string.Join(" | ", errors));
            return false;
        }
        configuration.Apply(read.Files);
        options.Replace(read.Settings.Options);
        _filled = filled;
        LogReloaded();
        return true;
    }

    // What cannot be read has an error of its own.
    private static bool IsFilled(string? file)
    {
        try
        {
            return file is not null && !string.IsNullOrWhiteSpace(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was read again and is in force.")]
    private partial void LogReloaded();

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration is not valid and was refused; the old one stays in force. {Reasons}")]
    private partial void LogRefused(string reasons);
}
