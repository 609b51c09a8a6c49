using System.Buffers;
using System.Text;

namespace Gateway.Core.Forwarding;

/// <summary>Where a resource was made.</summary>
/// <param name="Provider">The provider's id.</param>
/// <param name="Credential">The id of the credential whose account keeps it; null where the provider needs none.</param>
public readonly record struct ResourceOwner(string Provider, string? Credential = null);

/// <summary>
/// Which provider a file, batch or other resource was made at, and with which credential, so that later requests for it go there. Kept in memory, where
/// requests look, and in a file of appended lines, which a restart reads. Bounded: the oldest are forgotten first, and then
/// go where everything without an owner goes. Safe for concurrent use.
/// </summary>
public sealed class ResourceOwners : IDisposable
{
    private const int MaxIdLength = 200;

    private static readonly SearchValues<char> IdChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceOwner> _owners = new(StringComparer.Ordinal);
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
                if (line.Split(' ') is [var id, { Length: > 0 } provider, .. { Length: <= 1 } credential] && IsId(id))
                {
                    Remember(id, new ResourceOwner(provider, credential is [{ Length: > 0 } own] ? own : null));
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

    /// <summary>Where <paramref name="resource"/> was made; null if that is not known.</summary>
    public ResourceOwner? Find(string resource)
    {
        lock (_gate)
        {
            return _owners.TryGetValue(resource, out ResourceOwner owner) ? owner : null;
        }
    }

    /// <summary>Remembers where a resource was made. What does not look like an id is passed over.</summary>
    /// <param name="owner">Ids without spaces.</param>
    public void Note(string resource, ResourceOwner owner)
    {
        if (!IsId(resource) || owner.Provider.Contains(' ') || owner.Credential?.Contains(' ') == true)
        {
            return;
        }
        lock (_gate)
        {
            if (!Remember(resource, owner))
            {
                return;
            }
            try
            {
                _file?.WriteLine(Line(resource, owner));
                _file?.Flush();
                if (++_lines > 2 * _capacity)
                {
                    Compact();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk costs the memory of it across a restart, not the request.
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

    private static string Line(string resource, ResourceOwner owner) =>
        owner.Credential is null ? $"{resource} {owner.Provider}" : $"{resource} {owner.Provider} {owner.Credential}";

    // False when it was known already.
    private bool Remember(string resource, ResourceOwner owner)
    {
        if (_owners.TryGetValue(resource, out ResourceOwner known))
        {
            _owners[resource] = owner;
            return known != owner;
        }
        _owners.Add(resource, owner);
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
        // Before it may fail: then it is tried again after as many lines.
        _lines = _order.Count;
        string next = _path + ".new";
        File.WriteAllLines(next, _order.Select(r => Line(r, _owners[r])), Encoding.ASCII);
        _file?.Dispose();
        _file = null;
        File.Move(next, _path, overwrite: true);
        _file = new StreamWriter(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read), Encoding.ASCII);
    }
}
