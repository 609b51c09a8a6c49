using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Transcoding;

/// <summary>Goes through all recordings of a pair and tells everything that is wrong at once.</summary>
internal sealed class Findings(string what, Wire from, Wire to)
{
    private readonly List<string> _wrong = [];
    private readonly SortedSet<string> _lost = new(StringComparer.Ordinal);
    private int _count;
    private int _lossy;

    /// <summary>Compares, and notes what was lost.</summary>
    public void Add(string id, string expected, string arrived, IReadOnlyList<ConversionReason> reasons)
    {
        _count++;
        _lossy += reasons.Any(r => r.Lossy) ? 1 : 0;
        _lost.UnionWith(reasons.Where(r => r.Lossy).Select(r => r.What));
        if (expected != arrived)
        {
            _wrong.Add($"{id}\n--- expected\n{Cut(expected)}\n--- arrived\n{Cut(arrived)}\n--- lost: {string.Join(", ", reasons.Where(r => r.Lossy).Select(r => r.What))}");
        }
    }

    public void Fail(string id, Exception exception) => _wrong.Add($"{id}: {exception.GetType().Name} {exception.Message} {exception.StackTrace?.Split('\n').FirstOrDefault()}");

    /// <summary>Fails with everything that was wrong, or was lost and may not be.</summary>
    public void Check(ITestOutputHelper output)
    {
        string pair = $"{what} {from.ToName()} > {to.ToName()}";
        output.WriteLine($"{pair}: {_count}, {_lossy} lossy ({(_count == 0 ? 0 : 100.0 * _lossy / _count):0.#} %)");
        string[] unexpected = [.. _lost.Where(l => !AllowedLosses.Allows(what, from, to, l))];
        if (unexpected.Length > 0)
        {
            _wrong.Insert(0, $"LOST {pair}: {string.Join(", ", unexpected)}");
        }
        _wrong.ShouldBeEmpty($"{_wrong.Count} wrong. {string.Join("\n\n", _wrong.Take(12))}");
    }

    private static string Cut(string text) => text.Length <= 1500 ? text : text[..1500] + "…";
}
