using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// The journal's form of a <see cref="UsageRecord"/>: the kind of entry, the version, then the fields in a fixed order. A new
/// field goes to the end, of the record or of an attempt, whose own length is written: so a reader takes what it knows
/// and an older record leaves the new field at its default. A change that is not of this sort needs a new kind.
/// </summary>
internal static class UsageRecordCodec
{
    private const byte Kind = 1;
    private const byte Version = 1;

    // Far above anything the gateway makes; keeps every entry well below the size of a segment.
    private const int MaxAttempts = 64;

    [ThreadStatic]
    private static byte[]? Buffer;

    [Flags]
    private enum Bits
    {
        Streamed = 1,
        ClientAborted = 2,
        Admitted = 4,
        Cost = 8,
        TimeToFirstToken = 16,
    }

    /// <summary>The encoded record, in a buffer of this thread's that the next call overwrites.</summary>
    public static ReadOnlySpan<byte> Encode(UsageRecord record)
    {
        var writer = new EntryWriter(Buffer ??= new byte[2048]);
        writer.WriteByte(Kind);
        writer.WriteByte(Version);
        writer.WriteGuid(record.Id);
        writer.WriteString(record.RequestId);
        writer.WriteString(record.TraceId);
        writer.WriteSigned(record.StartedAt.UtcTicks);
        writer.WriteSigned((int)record.Operation);
        writer.WriteString(record.Method);
        writer.WriteString(record.Path);
        writer.WriteString(record.KeyId);
        writer.WriteString(record.KeyPrefix);
        writer.WriteString(record.KeyName);
        writer.WriteString(record.RequestedModel);
        writer.WriteString(record.Model);
        writer.WriteString(record.Route);
        writer.WriteString(record.Provider);
        writer.WriteString(record.BackendId);
        writer.WriteString(record.UpstreamModel);
        writer.WriteSigned(record.Status);
        writer.WriteSigned((int)BitsOf(record));
        writer.WriteString(record.ErrorKind);
        writer.WriteString(record.ErrorMessage);
        writer.WriteString(record.FinishReason);
        writer.WriteSigned((int)record.Usage.Source);
        writer.WriteSigned(record.Usage.InputTokens);
        writer.WriteSigned(record.Usage.CachedInputTokens);
        writer.WriteSigned(record.Usage.CacheWriteTokens);
        writer.WriteSigned(record.Usage.OutputTokens);
        writer.WriteSigned(record.Usage.ReasoningTokens);
        writer.WriteSigned(record.Cost.GetValueOrDefault().Value);
        writer.WriteString(record.PriceVersion);
        writer.WriteSigned(record.DurationUs);
        writer.WriteSigned(record.TimeToFirstTokenUs.GetValueOrDefault());
        writer.WriteSigned(record.UpstreamUs);
        writer.WriteSigned(record.RequestBytes);
        writer.WriteSigned(record.ResponseBytes);
        writer.WriteString(record.InputHash);
        writer.WriteString(record.Metadata);
        WriteAttempts(ref writer, record.Attempts);
        writer.WriteString(record.Units?.Name);
        writer.WriteString(record.Units?.Count.ToString(CultureInfo.InvariantCulture));
        writer.WriteSigned(record.ReservedTokens);
        writer.WriteSigned(record.ReservedCost.Value);
        WriteTrace(ref writer, record.Trace);
        writer.WriteSigned(record.Usage.LongCacheWriteTokens);
        writer.WriteString(record.Lost);
        Buffer = writer.Buffer;
        return writer.Written;
    }

    /// <summary>False for an entry of another kind, or one that ends in the middle of a field.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out UsageRecord? record)
    {
        record = null;
        var reader = new EntryReader(payload);
        if (reader.ReadByte() != Kind || reader.ReadByte() == 0)
        {
            return false;
        }
        var read = new UsageRecord
        {
            Id = reader.ReadGuid(),
            RequestId = reader.ReadString() ?? "",
            TraceId = reader.ReadString(),
            StartedAt = ReadTime(ref reader),
            Operation = (Operation)reader.ReadSigned(),
            Method = reader.ReadName() ?? "",
            Path = reader.ReadName() ?? "",
            KeyId = reader.ReadName(),
            KeyPrefix = reader.ReadName(),
            KeyName = reader.ReadName(),
            RequestedModel = reader.ReadName(),
            Model = reader.ReadName(),
            Route = reader.ReadName(),
            Provider = reader.ReadName(),
            BackendId = reader.ReadName(),
            UpstreamModel = reader.ReadName(),
            Status = (int)reader.ReadSigned(),
        };
        var bits = (Bits)reader.ReadSigned();
        read.Streamed = bits.HasFlag(Bits.Streamed);
        read.ClientAborted = bits.HasFlag(Bits.ClientAborted);
        read.Admitted = bits.HasFlag(Bits.Admitted);
        read.ErrorKind = reader.ReadName();
        read.ErrorMessage = reader.ReadString();
        read.FinishReason = reader.ReadName();
        read.Usage = new Usage(
            (UsageSource)reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadSigned());
        long cost = reader.ReadSigned();
        read.Cost = bits.HasFlag(Bits.Cost) ? new NanoUsd(cost) : null;
        read.PriceVersion = reader.ReadName();
        read.DurationUs = reader.ReadSigned();
        long firstToken = reader.ReadSigned();
        read.TimeToFirstTokenUs = bits.HasFlag(Bits.TimeToFirstToken) ? firstToken : null;
        read.UpstreamUs = reader.ReadSigned();
        read.RequestBytes = reader.ReadSigned();
        read.ResponseBytes = reader.ReadSigned();
        read.InputHash = reader.ReadString();
        read.Metadata = reader.ReadString();
        read.Attempts = ReadAttempts(ref reader);
        read.Units = ReadUnits(ref reader);
        read.ReservedTokens = reader.ReadSigned();
        read.ReservedCost = new NanoUsd(reader.ReadSigned());
        read.Trace = ReadTrace(ref reader);
        read.Usage = read.Usage with { LongCacheWriteTokens = reader.ReadSigned() };
        read.Lost = reader.ReadString();
        record = reader.Failed ? null : read;
        return !reader.Failed;
    }

    private static Bits BitsOf(UsageRecord record) =>
        (record.Streamed ? Bits.Streamed : 0)
        | (record.ClientAborted ? Bits.ClientAborted : 0)
        | (record.Admitted ? Bits.Admitted : 0)
        | (record.Cost is not null ? Bits.Cost : 0)
        | (record.TimeToFirstTokenUs is not null ? Bits.TimeToFirstToken : 0);

    private static BilledUnits? ReadUnits(ref EntryReader reader)
    {
        string? name = reader.ReadString();
        string? count = reader.ReadString();
        return name is not null && decimal.TryParse(count, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal units) ? new BilledUnits(name, units) : null;
    }

    private static DateTimeOffset ReadTime(ref EntryReader reader)
    {
        long ticks = reader.ReadSigned();
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? DateTimeOffset.UnixEpoch : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private static void WriteAttempts(ref EntryWriter writer, IReadOnlyList<AttemptRecord> attempts)
    {
        int count = Math.Min(attempts.Count, MaxAttempts);
        writer.WriteSigned(count);
        for (int i = 0; i < count; i++)
        {
            AttemptRecord attempt = attempts[i];
            int start = writer.BeginPart();
            writer.WriteString(attempt.Provider);
            writer.WriteString(attempt.BackendId);
            writer.WriteString(attempt.UpstreamModel);
            writer.WriteString(attempt.Credential);
            writer.WriteSigned(attempt.StartUs);
            writer.WriteOptional(attempt.FirstByteUs);
            writer.WriteSigned(attempt.DurationUs);
            writer.WriteOptional(attempt.Status);
            writer.WriteString(attempt.ErrorKind);
            writer.WriteString(attempt.Fault);
            writer.WriteOptional(attempt.SunkCost?.Value);
            writer.EndPart(start);
        }
    }

    // A score is kept to a thousandth; what is beyond all measure is kept as none.
    private static void WriteTrace(ref EntryWriter writer, CallTrace? trace)
    {
        // At the end of an older entry this reads as 0.
        writer.WriteSigned(trace is null ? 0 : trace.Candidates.Count + 1);
        if (trace is null)
        {
            return;
        }
        writer.WriteSigned(trace.AuthenticatedUs);
        writer.WriteSigned(trace.ReadUs);
        writer.WriteSigned(trace.RoutedUs);
        writer.WriteSigned(trace.PlacedUs);
        writer.WriteSigned(trace.AdmittedUs);
        writer.WriteString(trace.Reason);
        writer.WriteString(trace.Policy);
        foreach (CandidateRecord candidate in trace.Candidates)
        {
            int start = writer.BeginPart();
            writer.WriteString(candidate.Provider);
            writer.WriteString(candidate.BackendId);
            writer.WriteOptional(candidate.Score is { } score && Math.Abs(score) < 1e12 ? (long)(score * 1000) : null);
            writer.WriteString(candidate.Obstacle);
            writer.WriteSigned(candidate.Taken ? 1 : 0);
            writer.EndPart(start);
        }
        writer.WriteSigned(trace.Captured switch { null => 0, false => 1, true => 2 });
    }

    private static CallTrace? ReadTrace(ref EntryReader reader)
    {
        long count = reader.ReadSigned() - 1;
        if (count is < 0 or > MaxAttempts)
        {
            return null;
        }
        var trace = new CallTrace
        {
            AuthenticatedUs = reader.ReadSigned(),
            ReadUs = reader.ReadSigned(),
            RoutedUs = reader.ReadSigned(),
            PlacedUs = reader.ReadSigned(),
            AdmittedUs = reader.ReadSigned(),
            Reason = reader.ReadName(),
            Policy = reader.ReadName(),
        };
        for (long i = 0; i < count; i++)
        {
            EntryReader part = reader.ReadPart();
            trace.Add(new CandidateRecord(
                part.ReadName() ?? "", part.ReadName() ?? "", part.ReadOptional() / 1000.0, part.ReadName(), part.ReadSigned() != 0));
        }
        trace.Captured = reader.ReadSigned() switch { 1 => false, 2 => true, _ => null };
        return trace;
    }

    private static AttemptRecord[] ReadAttempts(ref EntryReader reader)
    {
        long count = reader.ReadSigned();
        if (count is <= 0 or > MaxAttempts)
        {
            return [];
        }
        var attempts = new AttemptRecord[count];
        for (int i = 0; i < attempts.Length; i++)
        {
            EntryReader part = reader.ReadPart();
            attempts[i] = new AttemptRecord(
                part.ReadName() ?? "",
                part.ReadName() ?? "",
                part.ReadName() ?? "",
                part.ReadName(),
                part.ReadSigned(),
                part.ReadOptional(),
                part.ReadSigned(),
                (int?)part.ReadOptional(),
                part.ReadString(),
                part.ReadString())
            {
                SunkCost = part.ReadOptional() is { } sunk ? new NanoUsd(sunk) : null,
            };
        }
        return attempts;
    }
}
