namespace Gateway.Core.Telemetry.Metrics;

/// <summary>The series of a family by their labels: so many and no more, however many names there are. Not safe for concurrent use.</summary>
/// <param name="most">Beyond it everything new is counted under <paramref name="other"/>.</param>
internal sealed class SeriesTable<TLabels, TSeries>(int most, TLabels other)
    where TLabels : struct, IEquatable<TLabels>
    where TSeries : class, new()
{
    private readonly Dictionary<TLabels, TSeries> _series = [];

    /// <summary>All of them, in no order.</summary>
    public IReadOnlyDictionary<TLabels, TSeries> All => _series;

    /// <summary>The series of these labels, or the one for what there is no room for.</summary>
    public TSeries Of(in TLabels labels) =>
        _series.TryGetValue(labels, out TSeries? series) ? series : Add(_series.Count < most ? labels : other);

    private TSeries Add(in TLabels labels)
    {
        if (!_series.TryGetValue(labels, out TSeries? series))
        {
            _series.Add(labels, series = new TSeries());
        }
        return series;
    }
}
