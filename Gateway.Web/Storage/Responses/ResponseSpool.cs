using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;

namespace Gateway.Web.Storage.Responses;

/// <summary>
/// What has been kept and is not in the database yet. An answer that only the gateway has is a file of its own until then, and
/// so outlives the process; where another keeps the answer, only its address would be lost, which is held in memory. Bounded.
/// Safe for concurrent use.
/// </summary>
/// <param name="directory">Made when it is first needed.</param>
/// <param name="durable">Files are synced to the disk before they count.</param>
internal sealed class ResponseSpool(string directory, bool durable)
{
    private const int MostFiles = 20_000;
    private const int MostInMemory = 50_000;
    private const string Extension = ".response";

    private readonly ConcurrentDictionary<string, KeptResponse> _memory = [];
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _files = -1;

    /// <summary>False when there is no more room, or the disk refuses it.</summary>
    public bool TryAdd(KeptResponse response)
    {
        bool added = response.ProviderId is not null ? TryRemember(response) : TryWrite(response);
        if (added)
        {
            _added.Writer.TryWrite(true);
        }
        return added;
    }

    /// <summary>Returns when something was added, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        try
        {
            await _added.Reader.WaitToReadAsync(cancellation).AsTask().WaitAsync(longest, cancellation);
            _added.Reader.TryRead(out _);
        }
        catch (TimeoutException)
        {
            // Time for whatever else the caller does.
        }
    }

    public KeptResponse? Find(string id) => _memory.TryGetValue(id, out KeptResponse? response) ? response : Read(PathOf(id));

    /// <summary>At most so many of them, in no order.</summary>
    public List<KeptResponse> Take(int most)
    {
        List<KeptResponse> taken = [.. _memory.Values.Take(most)];
        foreach (string file in taken.Count < most ? Files() : [])
        {
            if (Read(file) is { } response)
            {
                taken.Add(response);
            }
            if (taken.Count >= most)
            {
                break;
            }
        }
        return taken;
    }

    /// <summary>It is safe elsewhere, or not wanted any more.</summary>
    public void Remove(string id)
    {
        _memory.TryRemove(id, out _);
        string path = PathOf(id);
        if (File.Exists(path))
        {
            File.Delete(path);
            Interlocked.Decrement(ref _files);
        }
    }

    /// <summary>Nobody takes it: its file stays, under a name that is not looked at again.</summary>
    public void SetAside(string id)
    {
        string path = PathOf(id);
        if (File.Exists(path))
        {
            File.Copy(path, path + ".refused", overwrite: true);
        }
        Remove(id);
    }

    private bool TryRemember(KeptResponse response) => _memory.Count < MostInMemory && _memory.TryAdd(response.Id, response);

    private bool TryWrite(KeptResponse response)
    {
        if (_files < 0)
        {
            Interlocked.CompareExchange(ref _files, Files().Count(), -1);
        }
        if (_files >= MostFiles)
        {
            return false;
        }
        string path = PathOf(response.Id);
        string unfinished = path + ".tmp";
        try
        {
            Directory.CreateDirectory(directory);
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                Write(file, response);
                file.Flush(durable);
            }
            File.Move(unfinished, path, overwrite: true);
            Interlocked.Increment(ref _files);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private IEnumerable<string> Files() => Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*" + Extension) : [];

    private string PathOf(string id) => Path.Combine(directory, id + Extension);

    private static void Write(Stream file, KeptResponse response)
    {
        using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
        writer.Write(response.Id);
        writer.Write(response.KeyId);
        writer.Write(response.Model);
        writer.Write(response.CreatedAt.ToUnixTimeMilliseconds());
        writer.Write(response.ExpiresAt.ToUnixTimeMilliseconds());
        writer.Write(response.Body!.Length);
        writer.Write(response.Body);
    }

    private static KeptResponse? Read(string path)
    {
        try
        {
            using var reader = new BinaryReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.UTF8);
            return new KeptResponse(
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                ProviderId: null,
                DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
                reader.ReadBytes(reader.ReadInt32()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // Moved to the database in the meantime, or never whole.
            return null;
        }
    }
}
