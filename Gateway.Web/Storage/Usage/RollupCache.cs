using System.Data.Common;
using Gateway.Core.Accounting;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// The sums of the spans that calls are landing in. Only this node writes its rows, so what was once read or written need not
/// be read again; after a failed transaction all of it is forgotten.
/// </summary>
/// <param name="isListed">Whether the catalog has a model of that name; all others are clients' own, and a day has room for so many.</param>
internal sealed class RollupCache(string node, UsageDialect dialect, Func<string, bool> isListed)
{
    /// <summary>Names that are not in the catalog: more than these, in a day, go under <see cref="RollupDimensions.Other"/>.</summary>
    public const int MaxUnlistedNames = 1_000;

    // Three for each instant; calls that end now may have started in several minutes.
    private const int MaxBuckets = 48;
    private static readonly RollupResolution[] Resolutions = Enum.GetValues<RollupResolution>();

    private readonly Dictionary<RollupBucket, Dictionary<RollupDimensions, UsageSums>> _buckets = [];
    private readonly HashSet<(RollupBucket, RollupDimensions)> _changed = [];
    private readonly Dictionary<RollupBucket, HashSet<string>> _unlisted = [];

    public void Clear()
    {
        _buckets.Clear();
        _unlisted.Clear();
        _changed.Clear();
    }

    /// <summary>Adds the records to their spans and writes the spans that changed.</summary>
    public async Task WriteAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        _changed.Clear();
        foreach (UsageRecord record in records)
        {
            long at = record.StartedAt.ToUnixTimeMilliseconds();
            var day = RollupBucket.Of(RollupResolution.Day, at);
            RollupDimensions dimensions = WithinRoom(day, await SumsOfAsync(connection, transaction, day, cancellationToken), RollupDimensions.Of(record));
            foreach (RollupResolution resolution in Resolutions)
            {
                var bucket = RollupBucket.Of(resolution, at);
                Dictionary<RollupDimensions, UsageSums> sums = await SumsOfAsync(connection, transaction, bucket, cancellationToken);
                if (!sums.TryGetValue(dimensions, out UsageSums? sum))
                {
                    sums[dimensions] = sum = new UsageSums();
                }
                sum.Add(record);
                _changed.Add((bucket, dimensions));
            }
        }
        await WriteChangedAsync(connection, transaction, cancellationToken);
        Trim();
    }

    private RollupDimensions WithinRoom(RollupBucket day, Dictionary<RollupDimensions, UsageSums> sums, RollupDimensions dimensions)
    {
        if (sums.ContainsKey(dimensions) || dimensions.Model.Length == 0 || isListed(dimensions.Model))
        {
            return dimensions;
        }
        if (!_unlisted.TryGetValue(day, out HashSet<string>? names))
        {
            _unlisted[day] = names = [.. sums.Keys.Select(d => d.Model).Where(m => m.Length > 0 && m != RollupDimensions.Other && !isListed(m))];
        }
        if (names.Contains(dimensions.Model) || names.Count < MaxUnlistedNames)
        {
            names.Add(dimensions.Model);
            return dimensions;
        }
        return dimensions.WithoutName();
    }

    private async ValueTask<Dictionary<RollupDimensions, UsageSums>> SumsOfAsync(
        DbConnection connection, DbTransaction transaction, RollupBucket bucket, CancellationToken cancellationToken)
    {
        if (!_buckets.TryGetValue(bucket, out Dictionary<RollupDimensions, UsageSums>? sums))
        {
            _buckets[bucket] = sums = await LoadAsync(connection, transaction, bucket, cancellationToken);
        }
        return sums;
    }

    private async Task<Dictionary<RollupDimensions, UsageSums>> LoadAsync(
        DbConnection connection, DbTransaction transaction, RollupBucket bucket, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT \"key_id\", \"model\", \"provider\", \"backend_id\", {RollupColumns.SumNames} FROM \"usage_rollups\" "
            + "WHERE \"resolution\" = @p0 AND \"bucket_start_ms\" = @p1 AND \"node\" = @p2";
        command.AddParameters([(short)bucket.Resolution, bucket.StartMs, node]);
        var sums = new Dictionary<RollupDimensions, UsageSums>();
        await using DbDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            sums[new RollupDimensions(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3))] = RollupColumns.Read(row, 4);
        }
        return sums;
    }

    private async Task WriteChangedAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = dialect.WriteRollup();
        foreach ((RollupBucket bucket, RollupDimensions dimensions) in _changed)
        {
            command.SetParameters(RollupColumns.Values(bucket, node, dimensions, _buckets[bucket][dimensions]));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private void Trim()
    {
        if (_buckets.Count > MaxBuckets)
        {
            foreach (RollupBucket old in _buckets.Keys.Except(_changed.Select(c => c.Item1)).ToList())
            {
                _buckets.Remove(old);
                _unlisted.Remove(old);
            }
        }
    }
}
