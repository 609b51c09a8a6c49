namespace Gateway.Web.Administration.Budgets;

/// <summary>
/// What whole days cost, as a line through them: level where nothing else is clear, rising or falling where that is, with a
/// share of its own for each weekday where two weeks or more show one.
/// </summary>
internal sealed class DayFit
{
    private const int Week = 7;

    /// <summary>A day that costs so many times the usual is a burst, as long as there are few of them and they were over again.</summary>
    private const double Burst = 5;

    private readonly double[] _weekdays;
    private readonly int _firstWeekday;
    private readonly double _level;
    private readonly double _slope;
    private readonly double _centre;
    private readonly double _spread;
    private readonly int _days;

    /// <param name="days">Dollars of each whole day, oldest first; at least one.</param>
    /// <param name="firstWeekday">Of the first one; 0 is Sunday.</param>
    public DayFit(IReadOnlyList<double> days, int firstWeekday)
    {
        _days = days.Count;
        _firstWeekday = firstWeekday;
        double[] usual = WithoutBursts(days);
        BurstsPerDay = (days.Sum() - usual.Sum()) / _days;
        _weekdays = [1, 1, 1, 1, 1, 1, 1];
        (_level, _slope, _centre, _spread) = Line(usual);
        double flat = Squares(usual) / Math.Max(_days - 2, 1);
        if (_days >= 2 * Week && flat > 0)
        {
            var without = (_level, _slope, _centre, _spread);
            for (int round = 0; round < 4; round++)
            {
                LearnWeekdays(usual);
                (_level, _slope, _centre, _spread) = Line(usual);
            }
            HasWeekdays = Squares(usual) / Math.Max(_days - Week - 1, 1) < flat / 2;
            if (!HasWeekdays)
            {
                Array.Fill(_weekdays, 1);
                (_level, _slope, _centre, _spread) = without;
            }
        }
        Freedom = _days - (_slope == 0 ? 1 : 2) - (HasWeekdays ? Week - 1 : 0);
        Deviation = Math.Sqrt(Squares(usual) / Math.Max(Freedom, 1));
    }

    /// <summary>Weekdays differ, and are forecast each like the ones before.</summary>
    public bool HasWeekdays { get; }

    /// <summary>Dollars that each day costs more than the one before; 0 where no trend is clear.</summary>
    public double Trend => _slope;

    /// <summary>What bursts added a day, on average: in the upper edge of a forecast, not in its line.</summary>
    public double BurstsPerDay { get; }

    /// <summary>Standard deviation of a day from the line.</summary>
    public double Deviation { get; }

    /// <summary>Days beyond those that the line itself took; below 2 nothing can be said of how sure it is.</summary>
    public int Freedom { get; }

    /// <summary>What a day costs as a rule.</summary>
    /// <param name="day">0 is the first of the days that were learnt from; beyond them lies the future.</param>
    public double At(double day) => Math.Max(0, _level + (_slope * (day - _centre))) * Weekday((int)Math.Floor(day));

    /// <summary>How far the sum of <paramref name="ahead"/> days to come may be off, four times out of five.</summary>
    public double Margin(double ahead)
    {
        double away = _days + (ahead / 2) - _centre;
        double variance = ahead + (ahead * ahead / _days) + (_slope == 0 ? 0 : ahead * ahead * away * away / _spread);
        // Student's distribution by its first terms (10 % at each side): few days make a wide margin.
        double width = 1.2816 * (1 + (0.6606 / Freedom) + (0.4455 / Freedom / Freedom));
        return width * Deviation * Math.Sqrt(variance);
    }

    private double Weekday(int day) => _weekdays[((_firstWeekday + day) % Week + Week) % Week];

    private double Squares(double[] days) => days.Select((d, i) => (d - At(i)) * (d - At(i))).Sum();

    // A line by least squares through the days without what is their weekday's own; level unless its slope stands out of the noise.
    private (double Level, double Slope, double Centre, double Spread) Line(double[] days)
    {
        (double X, double Y)[] points = [.. days.Select((d, i) => (X: (double)i, Y: d / Weekday(i))).Where(p => double.IsFinite(p.Y))];
        if (points.Length == 0)
        {
            return (0, 0, 0, 1);
        }
        double centre = points.Average(p => p.X);
        double level = points.Average(p => p.Y);
        double spread = points.Sum(p => (p.X - centre) * (p.X - centre));
        if (points.Length < 5 || spread == 0)
        {
            return (level, 0, centre, 1);
        }
        double slope = points.Sum(p => (p.X - centre) * (p.Y - level)) / spread;
        double squares = points.Sum(p => Math.Pow(p.Y - level - (slope * (p.X - centre)), 2));
        double error = Math.Sqrt(squares / (points.Length - 2) / spread);
        bool clear = Math.Abs(slope) > 3 * error && Math.Abs(slope) * points.Length > 0.1 * level;
        return (level, clear ? slope : 0, centre, spread);
    }

    private void LearnWeekdays(double[] days)
    {
        int first = days.Length % Week;
        var shares = new double[Week];
        for (int weekday = 0; weekday < Week; weekday++)
        {
            (double spent, double line) = (0, 0);
            for (int i = first; i < days.Length; i++)
            {
                if ((_firstWeekday + i) % Week == weekday)
                {
                    spent += days[i];
                    line += Math.Max(0, _level + (_slope * (i - _centre)));
                }
            }
            shares[weekday] = line > 0 ? spent / line : 1;
        }
        double mean = shares.Average();
        for (int i = 0; i < Week; i++)
        {
            _weekdays[i] = mean > 0 ? shares[i] / mean : 1;
        }
    }

    // A day that costs many times what others do says little of the days to come: it counts as a usual one. Not where such
    // days are common, and not the last: what has just begun may go on.
    private static double[] WithoutBursts(IReadOnlyList<double> days)
    {
        double[] usual = [.. days];
        double middle = Median(days);
        if (days.Count < Week || middle <= 0)
        {
            return usual;
        }
        int bursts = 0;
        for (int i = 0; i < days.Count - 1; i++)
        {
            double[] alike = [.. days.Where((_, j) => j != i && (j - i) % Week == 0)];
            double rule = alike.Length > 0 ? Median(alike) : middle;
            if (days[i] > Burst * middle && days[i] > Burst * rule && days[i + 1] <= Burst * middle)
            {
                usual[i] = rule;
                bursts++;
            }
        }
        return bursts <= days.Count / Week ? usual : [.. days];
    }

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
