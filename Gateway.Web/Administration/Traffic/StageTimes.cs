using System.Text.Json;

namespace Gateway.Web.Administration.Traffic;

/// <param name="Stages">In order of time; empty where none were noted.</param>
/// <param name="CapturedUntil">What was said in the call is kept until then; null: it was not recorded, or is gone.</param>
public sealed record CallTrace(IReadOnlyList<StageTime> Stages, DateTimeOffset? CapturedUntil);

/// <summary>When a stage of a call was over, in microseconds after the request's arrival.</summary>
public sealed record StageTime(string Name, long AtUs);

/// <summary>Reads the stages out of a call's trace.</summary>
internal static class StageTimes
{
    private const string Suffix = "_us";

    /// <summary>
    /// The numbers of the trace's <c>stages</c> (or of the trace itself) whose names end in <c>_us</c>, or all where it is an
    /// object of numbers; whatever else is in it is not a time.
    /// </summary>
    public static IReadOnlyList<StageTime> Read(string? json)
    {
        if (json is null)
        {
            return [];
        }
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            bool own = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("stages", out JsonElement stages) && stages.ValueKind == JsonValueKind.Object;
            JsonElement times = own ? root.GetProperty("stages") : root;
            return times.ValueKind != JsonValueKind.Object ? [] :
            [
                .. times.EnumerateObject()
                    .Where(p => p.Value.ValueKind == JsonValueKind.Number && (own || p.Name.EndsWith(Suffix, StringComparison.Ordinal)) && p.Value.TryGetInt64(out _))
                    .Select(p => new StageTime((p.Name.EndsWith(Suffix, StringComparison.Ordinal) ? p.Name[..^Suffix.Length] : p.Name).Replace('_', ' '), p.Value.GetInt64()))
                    .OrderBy(s => s.AtUs),
            ];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
