using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// The columns that hold JSON, as <see cref="JsonSerializer"/> reads them, written by hand: there are two for each call, and what the serializer
/// made for them was a sixth of all garbage under load. What is null or empty is left out.
/// </summary>
internal static class UsageJson
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? Buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? Writer;

    /// <summary>What <paramref name="write"/> writes of a record, in a buffer of this thread's that the next call overwrites.</summary>
    public static ReadOnlySpan<byte> Utf8Of(UsageRecord record, Action<Utf8JsonWriter, UsageRecord> write)
    {
        Buffer ??= new ArrayBufferWriter<byte>(1024);
        Buffer.ResetWrittenCount();
        Writer ??= new Utf8JsonWriter(Buffer);
        Writer.Reset();
        write(Writer, record);
        Writer.Flush();
        return Buffer.WrittenSpan;
    }

    public static void WriteAttempts(Utf8JsonWriter json, IReadOnlyList<AttemptRecord> attempts)
    {
        json.WriteStartArray();
        for (int i = 0; i < attempts.Count; i++)
        {
            AttemptRecord attempt = attempts[i];
            json.WriteStartObject();
            json.WriteString("Provider"u8, attempt.Provider);
            json.WriteString("BackendId"u8, attempt.BackendId);
            json.WriteString("UpstreamModel"u8, attempt.UpstreamModel);
            WriteText(json, "Credential"u8, attempt.Credential);
            json.WriteNumber("StartUs"u8, attempt.StartUs);
            WriteNumber(json, "FirstByteUs"u8, attempt.FirstByteUs);
            json.WriteNumber("DurationUs"u8, attempt.DurationUs);
            WriteNumber(json, "Status"u8, attempt.Status);
            WriteText(json, "ErrorKind"u8, attempt.ErrorKind);
            WriteText(json, "Fault"u8, attempt.Fault);
            if (attempt.SunkCost is { } sunk)
            {
                json.WriteStartObject("SunkCost"u8);
                json.WriteNumber("Value"u8, sunk.Value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void WriteTrace(Utf8JsonWriter json, CallTrace trace)
    {
        json.WriteStartObject();
        json.WriteNumber("AuthenticatedUs"u8, trace.AuthenticatedUs);
        json.WriteNumber("ReadUs"u8, trace.ReadUs);
        json.WriteNumber("RoutedUs"u8, trace.RoutedUs);
        json.WriteNumber("PlacedUs"u8, trace.PlacedUs);
        json.WriteNumber("AdmittedUs"u8, trace.AdmittedUs);
        WriteText(json, "Reason"u8, trace.Reason);
        WriteText(json, "Policy"u8, trace.Policy);
        if (trace.Captured is { } captured)
        {
            json.WriteBoolean("Captured"u8, captured);
        }
        IReadOnlyList<CandidateRecord> candidates = trace.Candidates;
        if (candidates.Count > 0)
        {
            json.WriteStartArray("Candidates"u8);
            for (int i = 0; i < candidates.Count; i++)
            {
                WriteCandidate(json, candidates[i]);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteCandidate(Utf8JsonWriter json, in CandidateRecord candidate)
    {
        json.WriteStartObject();
        json.WriteString("Provider"u8, candidate.Provider);
        json.WriteString("BackendId"u8, candidate.BackendId);
        if (candidate.Score is { } score)
        {
            json.WriteNumber("Score"u8, score);
        }
        WriteText(json, "Obstacle"u8, candidate.Obstacle);
        json.WriteBoolean("Taken"u8, candidate.Taken);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }
}
