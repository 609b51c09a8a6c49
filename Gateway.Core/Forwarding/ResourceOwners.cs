using System.Buffers;
using System.Text;

namespace Gateway.Core.Forwarding;

/// <summary>
/// Which provider a file, batch or other resource was made at, so that later requests for it go there. Kept in memory, where
/// requests look, and in a file of appended lines, which a restart reads. Bounded: the oldest are forgotten first, and then
/// go where everything without an owner goes. Safe for concurrent use.
/// </summary>
public sealed class ResourceOwners : IDisposable
{
    private const int MaxIdLength = 200;

    private static readonly SearchValues<char> IdChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly int _capacity;
    private readonly string? _path;
    private StreamWriter? _file;
    private int _lines;

    /// <param name="path">The file; null keeps nothing across a restart.</param>
    /// <param name="capacity">Most entries to remember.</param>
    public ResourceOwners(string? path, int capacity = 100_000)
    {
        _capacity = capacity;
        _path = path;
        if (path is null)
        {
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (File.Exists(path))
        {
            // A line that a crash cut short names no owner and is passed over.
            foreach (string line in File.ReadLines(path))
            {
                if (line.Split(' ') is [var id, var provider] && IsId(id) && provider.Length > 0)
                {
                    Remember(id, provider);
                }
                _lines++;
            }
        }
        Compact();
    }

    /// <summary>Entries now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _owners.Count;
            }
        }
    }

    /// <summary>The id of the provider that <paramref name="resource"/> was made at; null if that is not known.</summary>
    public string? Find(string resource)
    {
        lock (_gate)
        {
            return _owners.GetValueOrDefault(resource);
        }
    }

    /// <summary>Remembers where a resource was made. What does not look like an id is passed over.</summary>
    /// <param name="providerId">Without spaces.</param>
    public void Note(string resource, string providerId)
    {
        if (!IsId(resource) || providerId.Contains(' '))
        {
            return;
        }
        lock (_gate)
        {
            if (!Remember(resource, providerId))
            {
                return;
            }
            try
            {
                _file?.WriteLine($"{resource} {providerId}");
                _file?.Flush();
            }
            catch (IOException)
            {
                // A full disk costs the memory of it across a restart, not the request.
            }
            if (++_lines > 2 * _capacity)
            {
                Compact();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private static bool IsId(string text) => text.Length is > 0 and <= MaxIdLength && !text.AsSpan().ContainsAnyExcept(IdChars);

    // False when it was known already.
    private bool Remember(string resource, string providerId)
    {
        if (_owners.TryGetValue(resource, out string? known))
        {
            _owners[resource] = providerId;
            return known != providerId;
        }
        _owners.Add(resource, providerId);
        _order.Enqueue(resource);
        if (_order.Count > _capacity)
        {
            _owners.Remove(_order.Dequeue());
        }
        return true;
    }

    /// <summary>Writes what is remembered to a new file that takes the old one's place at once.</summary>
    private void Compact()
    {
        if (_path is null)
        {
            return;
        }
        _file?.Dispose();
        string next = _path + ".new";
        File.WriteAllLines(next, _order.Select(r => $"{r} {_owners[r]}"), Encoding.ASCII);
        File.Move(next, _path, overwrite: true);
        _lines = _order.Count;
        _file = new StreamWriter(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read), Encoding.ASCII);
    }
}
