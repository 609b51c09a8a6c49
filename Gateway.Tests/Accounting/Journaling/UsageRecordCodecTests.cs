using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

public sealed class UsageRecordCodecTests
{
    [Fact]
    public void Decode_OfEncoded_IsTheSameRecord() =>
        Prop.ForAll(Records.ToArbitrary(), record =>
        {
            UsageRecordCodec.TryDecode(UsageRecordCodec.Encode(record), out UsageRecord? decoded).ShouldBeTrue();
            decoded.ShouldBeEquivalentTo(record);
        }).QuickCheckThrowOnFailure();

    // The drain reads thousands of records a second that name the same few keys, models and backends.
    [Fact]
    public void Decode_NamesThatComeAgain_AreNotCopied()
    {
        UsageRecordCodec.TryDecode(UsageRecordCodec.Encode(JournalSandbox.Record("r-1")), out UsageRecord? first).ShouldBeTrue();
        UsageRecordCodec.TryDecode(UsageRecordCodec.Encode(JournalSandbox.Record("r-2")), out UsageRecord? second).ShouldBeTrue();

        second!.Model.ShouldBeSameAs(first!.Model);
        second.RequestId.ShouldBe("r-2");
    }

    [Fact]
    public void Decode_MoreNamesThanAreRemembered_AreAllRight()
    {
        for (int i = 0; i < 5_000; i++)
        {
            UsageRecord record = JournalSandbox.Record("r-1");
            (record.Model, record.Provider) = ($"model-{i}", $"größe-{i}");

            UsageRecordCodec.TryDecode(UsageRecordCodec.Encode(record), out UsageRecord? decoded).ShouldBeTrue();

            (decoded!.Model, decoded.Provider).ShouldBe((record.Model, record.Provider));
        }
    }

    [Fact]
    public void Decode_OfAnyBytes_NeverThrows() =>
        Prop.ForAll(Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>()).ToArbitrary(), bytes =>
            UsageRecordCodec.TryDecode([1, 1, .. bytes], out UsageRecord? record) == (record is not null)).QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_CutAnywhere_FailsOrLeavesDefaultsButNeverThrows()
    {
        byte[] whole = UsageRecordCodec.Encode(JournalSandbox.Record("r-1")).ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            if (UsageRecordCodec.TryDecode(whole.AsSpan(0, length), out UsageRecord? record))
            {
                record.Id.ShouldNotBe(Guid.Empty);
            }
        }
    }

    [Fact]
    public void Decode_FieldsOfALaterVersionAtTheEnd_ArePassedOver()
    {
        byte[] entry = [.. UsageRecordCodec.Encode(JournalSandbox.Record("r-1")), 42, 200, 1, 7];
        entry[1] = 9;

        UsageRecordCodec.TryDecode(entry, out UsageRecord? record).ShouldBeTrue();

        record!.RequestId.ShouldBe("r-1");
    }

    [Fact]
    public void Decode_AnotherKindOfEntry_IsRefused()
    {
        byte[] entry = UsageRecordCodec.Encode(JournalSandbox.Record("r-1")).ToArray();
        entry[0] = 2;

        UsageRecordCodec.TryDecode(entry, out _).ShouldBeFalse();
    }

    [Fact]
    public void Encode_StringBeyondTheLimit_IsCutBetweenCharacters()
    {
        UsageRecord record = JournalSandbox.Record("r-1");
        record.Metadata = new string('a', 8_191) + "😀";

        UsageRecordCodec.TryDecode(UsageRecordCodec.Encode(record), out UsageRecord? decoded).ShouldBeTrue();

        decoded!.Metadata.ShouldBe(new string('a', 8_191));
    }

    [Fact]
    public void Encode_Trace_IsReadBackWhole()
    {
        UsageRecord record = JournalSandbox.Record("r-1");
        record.Trace = new CallTrace
        {
            AuthenticatedUs = 12,
            ReadUs = 80,
            RoutedUs = 90,
            PlacedUs = 5_000_000,
            AdmittedUs = 5_000_100,
            Reason = "m is served by its own backends.",
            Policy = "least-busy",
            Captured = false,
            Candidates =
            [
                new CandidateRecord("a", "b0", 1.25, null, true),
                new CandidateRecord("b", "b1", null, "its circuit is open", false),
                // Beyond all measure: kept as none.
                new CandidateRecord("c", "b2", double.MaxValue, null, false),
            ],
        };

        UsageRecordCodec.TryDecode(UsageRecordCodec.Encode(record), out UsageRecord? decoded).ShouldBeTrue();

        CallTrace read = decoded!.Trace.ShouldNotBeNull();
        (read.AuthenticatedUs, read.ReadUs, read.RoutedUs, read.PlacedUs, read.AdmittedUs, read.Reason, read.Policy)
            .ShouldBe((12, 80, 90, 5_000_000, 5_000_100, record.Trace.Reason, "least-busy"));
        read.Captured.ShouldBe(false);
        read.Candidates.ShouldBe([record.Trace.Candidates[0], record.Trace.Candidates[1], record.Trace.Candidates[2] with { Score = null }]);
    }

    private static Gen<string?> Texts =>
        Gen.OneOf(
            Gen.Constant<string?>(null),
            Gen.Elements<string?>("", "gpt-4o", "模型", "é", new string('x', 41), new string('x', 42), new string('ß', 100), new string('x', 5_000)));

    private static Gen<long> Numbers => Gen.OneOf(Gen.Elements(0L, 1, -1, 63, 64, 127, 128, long.MaxValue, long.MinValue), ArbMap.Default.GeneratorFor<long>());

    private static Gen<AttemptRecord> Attempts =>
        from texts in Gen.ArrayOf(Texts, 6)
        from numbers in Gen.ArrayOf(Numbers, 3)
        from status in Gen.Elements<int?>(null, 200, 503)
        from answered in ArbMap.Default.GeneratorFor<bool>()
        select new AttemptRecord(
            texts[0] ?? "", texts[1] ?? "", texts[2] ?? "", texts[3], numbers[0], answered ? numbers[1] : null, numbers[2], status, texts[4], texts[5])
        {
            SunkCost = answered ? null : new NanoUsd(numbers[1]),
        };

    private static Gen<UsageRecord> Records =>
        from texts in Gen.ArrayOf(Texts, 20)
        from numbers in Gen.ArrayOf(Numbers, 12)
        from flags in Gen.ArrayOf(ArbMap.Default.GeneratorFor<bool>(), 5)
        from ticks in Gen.Choose(0, int.MaxValue)
        from operation in Gen.Elements(Operation.ChatCompletions, Operation.Completions, Operation.Embeddings)
        from source in Gen.Elements(UsageSource.None, UsageSource.Reported, UsageSource.Estimated)
        from attempts in Gen.ListOf(Attempts)
        select new UsageRecord
        {
            Id = Guid.CreateVersion7(),
            RequestId = texts[0] ?? "",
            TraceId = texts[1],
            StartedAt = DateTimeOffset.UnixEpoch.AddTicks(ticks * 7_919L),
            Operation = operation,
            Method = texts[2] ?? "",
            Path = texts[3] ?? "",
            KeyId = texts[4],
            KeyPrefix = texts[5],
            KeyName = texts[6],
            RequestedModel = texts[7],
            Model = texts[8],
            Route = texts[9],
            Provider = texts[10],
            BackendId = texts[11],
            UpstreamModel = texts[12],
            Status = (int)numbers[0],
            Streamed = flags[0],
            ClientAborted = flags[1],
            Admitted = flags[2],
            ErrorKind = texts[13],
            ErrorMessage = texts[14],
            FinishReason = texts[15],
            Usage = new Usage(source, numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]) { LongCacheWriteTokens = numbers[11] },
            Cost = flags[3] ? new NanoUsd(numbers[6]) : null,
            PriceVersion = texts[16],
            DurationUs = numbers[7],
            TimeToFirstTokenUs = flags[4] ? numbers[8] : null,
            UpstreamUs = numbers[9],
            RequestBytes = numbers[10],
            ResponseBytes = numbers[1],
            InputHash = texts[17],
            Metadata = texts[18],
            Lost = texts[19],
            Attempts = attempts.Take(20).ToArray(),
        };
}
