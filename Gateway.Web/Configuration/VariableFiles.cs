namespace Gateway.Web.Configuration;

/// <summary>
/// Environment variables whose value may stand in a file, as Docker and Kubernetes mount secrets: with the suffix
/// <c>_FILE</c> a variable, or a setting of the host's configuration, names a file whose content is the value. What cannot be
/// read is noted, and counts as not set.
/// </summary>
internal sealed class VariableFiles(Func<string, string?> variable)
{
    private const string Suffix = "_FILE";

    // Other programs' variables end like this, too.
    private static readonly string[] Ours = ["Gateway:", "Database:", "Redis:", "ConnectionStrings:", "AzureAd:"];

    private readonly Dictionary<string, string> _pathByKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _errors = [];

    /// <summary>The settings that the host's configuration gives as files.</summary>
    public ReplaceableProvider Settings { get; } = new();

    /// <summary>The variable's value, from its file if need be; null when it is not set.</summary>
    public string? Variable(string name)
    {
        string? value = variable(name);
        return variable(name + Suffix) is { } path && !string.IsNullOrWhiteSpace(path) ? Read(name + Suffix, value, path) : value;
    }

    /// <summary>Reads the files that settings name by their full names: <c>Gateway__AdminKey_FILE</c>, or <c>--Gateway:AdminKey_FILE</c>.</summary>
    public void ReadSettings(IConfiguration host)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach ((string key, string? path) in host.AsEnumerable())
        {
            if (key.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(path)
                && Array.Exists(Ours, o => key.StartsWith(o, StringComparison.OrdinalIgnoreCase)))
            {
                string name = key[..^Suffix.Length];
                if (Read(key.Replace(":", "__", StringComparison.Ordinal), host[name], path) is { } value)
                {
                    (values[name], _pathByKey[name]) = (value, path);
                }
            }
        }
        Settings.Replace(values);
    }

    /// <summary>Where a value of <see cref="Settings"/> is from.</summary>
    public SettingOrigin OriginOf(Setting setting, string value) =>
        new(value, SettingSource.File, $"{_pathByKey[setting.Key]} ({SettingOrigin.LongName(setting)}{Suffix})");

    /// <summary>Where a short name's value is from; null where no file holds it.</summary>
    public SettingOrigin? OriginOf(string name, string value) =>
        variable(name + Suffix) is { } path && !string.IsNullOrWhiteSpace(path) ? new SettingOrigin(value, SettingSource.File, $"{path} ({name}{Suffix})") : null;

    /// <summary>Everything that went wrong since the last time, each once. Names variables and paths, never what a file holds.</summary>
    public IReadOnlyList<string> TakeErrors()
    {
        lock (_errors)
        {
            string[] errors = [.. _errors.Distinct()];
            _errors.Clear();
            return errors;
        }
    }

    private string? Read(string source, string? given, string path)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            Note($"{source[..^Suffix.Length]} and {source} are both set. Leave one of them out.");
            return given;
        }
        try
        {
            if (File.ReadAllText(path).Trim() is { Length: > 0 } value)
            {
                return value;
            }
            Note($"{source} names the file {path}, which is empty. Put the value into it, or leave the variable out.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Note($"{source} names the file {path}, which cannot be read: {e.Message}");
        }
        return null;
    }

    private void Note(string error)
    {
        lock (_errors)
        {
            _errors.Add(error);
        }
    }
}
