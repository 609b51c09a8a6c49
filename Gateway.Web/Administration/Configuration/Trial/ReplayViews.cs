using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration.Trial;

/// <param name="Hours">How far back, 1 to 720; the last day by default.</param>
internal sealed record ReplayChange(int? Hours = null);

/// <summary>Recorded calls beside what would have become of them.</summary>
/// <param name="Rows">Records that were read.</param>
/// <param name="Complete">False: there were more than are read at a time.</param>
/// <param name="Changes">How many calls would have gone otherwise.</param>
/// <param name="Notes">What a replay cannot know, and what it assumed.</param>
public sealed record ReplayView(
    DateTimeOffset From,
    DateTimeOffset To,
    long Rows,
    bool Complete,
    ReplaySide Recorded,
    ReplaySide Draft,
    ReplayChanges Changes,
    IReadOnlyList<ReplayCount> Refusals,
    IReadOnlyList<ReplayCount> Backends,
    IReadOnlyList<ReplayCost> Models,
    IReadOnlyList<string> Notes);

/// <param name="Requests">All of them, whatever became of them.</param>
/// <param name="Served">Let through and answered with success.</param>
/// <param name="Refused">Not let through, for whatever reason.</param>
/// <param name="Failed">Let through and not answered with success.</param>
/// <param name="CostUnknown">Calls whose cost is not known; they are not in <paramref name="CostUsd"/>.</param>
public sealed record ReplaySide(long Requests, long Served, long Refused, long Failed, NanoUsd CostUsd, long CostUnknown, long InputTokens, long OutputTokens);

/// <param name="NowRefused">Let through then, refused with the draft.</param>
/// <param name="NowServed">Refused then, let through with the draft: what they use is estimated.</param>
/// <param name="Moved">Answered by another backend.</param>
/// <param name="Repriced">Of another cost.</param>
public sealed record ReplayChanges(long NowRefused, long NowServed, long Moved, long Repriced);

public sealed record ReplayCount(string Name, long Recorded, long Draft);

public sealed record ReplayCost(string Model, long Recorded, long Draft, NanoUsd RecordedUsd, NanoUsd DraftUsd);
