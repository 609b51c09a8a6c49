using System.Text.Json.Serialization;
using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>
/// Everything that is kept of one call: written to the journal before the answer ends, later a row of the database, a pair
/// of log lines, and an entry of the live feed. Holds no prompt and no answer.
/// </summary>
public sealed class UsageRecord
{
    /// <summary>Made by the gateway (version 7, so that ids sort by time); the key of the row.</summary>
    public Guid Id { get; set; }
    public string RequestId { get; set; } = "";
    public string? TraceId { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public Operation Operation { get; set; }
    public string Method { get; set; } = "POST";
    public string Path { get; set; } = "";

    /// <summary>Null for requests that no key was accepted for; those reach the request log only, not the journal.</summary>
    public string? KeyId { get; set; }
    public string? KeyPrefix { get; set; }
    public string? KeyName { get; set; }

    /// <summary>The name the client sent (an alias stays an alias), cut to 256 characters; null if none was read.</summary>
    public string? RequestedModel { get; set; }

    /// <summary>The model's public name; null if none was found.</summary>
    public string? Model { get; set; }
    public string? Route { get; set; }

    /// <summary>Provider, backend and upstream model of the attempt that was answered from, or else of the last one.</summary>
    public string? Provider { get; set; }
    public string? BackendId { get; set; }
    public string? UpstreamModel { get; set; }

    /// <summary>Status sent to the client; 499 when it left before there was one.</summary>
    public int Status { get; set; }
    public bool Streamed { get; set; }
    public bool ClientAborted { get; set; }

    /// <summary>False: refused before an upstream was called; consumed nothing.</summary>
    public bool Admitted { get; set; }

    /// <summary>Null on success, else a name of <c>GatewayErrorKind</c> in snake case.</summary>
    public string? ErrorKind { get; set; }

    /// <summary>The limit that refused it, for metrics alone: the journal does not keep it. Null if none did.</summary>
    [JsonIgnore]
    public LimitHit? LimitHit { get; set; }

    /// <summary>Safe to show: no secret, no upstream address. Cut to 500 characters.</summary>
    public string? ErrorMessage { get; set; }
    public string? FinishReason { get; set; }
    public Usage Usage { get; set; }

    /// <summary>Input and output tokens that were held for the call when it was admitted; 0 where nothing limited it.</summary>
    public long ReservedTokens { get; set; }

    /// <summary>Money that was held for it; zero where no budget asked, or no price was known.</summary>
    public NanoUsd ReservedCost { get; set; }

    /// <summary>What the upstream bills by besides tokens; null if it reported nothing of the sort.</summary>
    public BilledUnits? Units { get; set; }

    /// <summary>Null is unknown, never free.</summary>
    public NanoUsd? Cost { get; set; }

    /// <summary><see cref="ModelPrice.Version"/> behind <see cref="Cost"/>.</summary>
    public string? PriceVersion { get; set; }

    /// <summary>Microseconds from the request's arrival to the end of the answer.</summary>
    public long DurationUs { get; set; }

    /// <summary>Microseconds to the first content sent on; null if none was.</summary>
    public long? TimeToFirstTokenUs { get; set; }

    /// <summary>Microseconds to the last content of a stream, for metrics alone: the journal does not keep it. Null if there was none.</summary>
    [JsonIgnore]
    public long? LastTokenUs { get; set; }

    /// <summary>Microseconds spent waiting for upstreams; duration less this is the gateway's overhead.</summary>
    public long UpstreamUs { get; set; }
    public long RequestBytes { get; set; }
    public long ResponseBytes { get; set; }

    /// <summary>SHA-256 of the messages as 64 hexadecimal digits; null if none were read.</summary>
    public string? InputHash { get; set; }

    /// <summary>What translation lost of the request and of the answer, as the header <c>x-gateway-lossy</c> names it. Null if nothing was.</summary>
    public string? Lost { get; set; }

    /// <summary><c>omni_metadata</c> as the JSON object that the client sent, at most 4 KiB; null if none.</summary>
    public string? Metadata { get; set; }

    /// <summary>How it came to its backend; null for calls that were recorded without.</summary>
    public CallTrace? Trace { get; set; }

    /// <summary>A hard budget that holds the call and cannot count it, for the log alone: the journal does not keep it. Null where there is none.</summary>
    [JsonIgnore]
    public string? UncountedBy { get; set; }

    /// <summary>The trace that it is part of, for export alone: the journal keeps its id.</summary>
    [JsonIgnore]
    public TraceContext TraceContext { get; set; }

    /// <summary>In order; empty when no upstream was called.</summary>
    public IReadOnlyList<AttemptRecord> Attempts { get; set; } = [];

    /// <summary>Another backend than the first had to be asked; a retry of the same one is none.</summary>
    public bool FallbackOccurred
    {
        get
        {
            for (int i = 1; i < Attempts.Count; i++)
            {
                if (Attempts[i].BackendId != Attempts[0].BackendId)
                {
                    return true;
                }
            }
            return false;
        }
    }
}

/// <summary>A limit that stood in a call's way.</summary>
/// <param name="Limit"><c>rpm</c>, <c>tpm</c>, <c>parallel</c>, <c>budget</c>, or <c>unavailable</c> where nobody could tell.</param>
/// <param name="Scope">Whose it was: <c>key</c>, <c>team</c>, <c>model</c> or <c>gateway</c>.</param>
public sealed record LimitHit(string Limit, string Scope);

/// <summary>One call to one backend, as it went.</summary>
/// <param name="StartUs">Microseconds after the request's arrival.</param>
/// <param name="FirstByteUs">Microseconds from the attempt's start to the answer's head; null if it never came.</param>
/// <param name="DurationUs">Microseconds from the attempt's start to its end.</param>
/// <param name="Status">The upstream's status; null if there was no answer.</param>
/// <param name="ErrorKind">Null on success, else a name of <c>GatewayErrorKind</c> in snake case.</param>
/// <param name="Fault">What an operator had go wrong with it, for example <c>chaos: reset</c>; null is nothing.</param>
public sealed record AttemptRecord(
    string Provider,
    string BackendId,
    string UpstreamModel,
    string? Credential,
    long StartUs,
    long? FirstByteUs,
    long DurationUs,
    int? Status,
    string? ErrorKind,
    string? Fault = null)
{
    /// <summary>The <see cref="ErrorKind"/> of an attempt that was given up because another one was quicker.</summary>
    public const string Superseded = "superseded";

    /// <summary>
    /// What this attempt cost beside the answer's own, estimated: it was given up, timed out, or broke and was gone on with
    /// elsewhere. Part of <see cref="UsageRecord.Cost"/>; null where nothing was, or no price is known.
    /// </summary>
    public NanoUsd? SunkCost { get; init; }

    /// <summary>Where it was sent, for the log and traces alone: the journal does not keep it. Null where nothing was sent anywhere.</summary>
    [JsonIgnore]
    public Uri? Url { get; init; }

    /// <summary>The span id that the upstream was told, for traces alone: the journal does not keep it.</summary>
    [JsonIgnore]
    public ulong SpanId { get; init; }
}
