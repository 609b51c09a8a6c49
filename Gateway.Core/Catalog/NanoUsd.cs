namespace Gateway.Core.Catalog;

/// <summary>An amount of money as a whole number of billionths of a US dollar: never a floating-point number.</summary>
/// <param name="Value">Nano-dollars; the range of ±9.2 billion dollars is that of <see cref="long"/>.</param>
public readonly record struct NanoUsd(long Value)
{
    /// <summary>Nano-dollars in a dollar.</summary>
    public const long PerDollar = 1_000_000_000;

    public static NanoUsd Zero => default;

    /// <summary>Rounds to the nearest nano-dollar, halves away from zero.</summary>
    /// <exception cref="OverflowException">The amount is beyond ±9.2 billion dollars.</exception>
    public static NanoUsd FromDollars(decimal dollars) =>
        new((long)decimal.Round(dollars * PerDollar, MidpointRounding.AwayFromZero));

    public decimal ToDollars() => (decimal)Value / PerDollar;

    // What is beyond the range stays at its end: an absurd price or count must not fail the call that it is booked for.
    public static NanoUsd operator +(NanoUsd left, NanoUsd right) => Saturated((Int128)left.Value + right.Value);

    public static NanoUsd operator -(NanoUsd left, NanoUsd right) => Saturated((Int128)left.Value - right.Value);

    private static NanoUsd Saturated(Int128 value) => new((long)Int128.Clamp(value, long.MinValue, long.MaxValue));

    /// <summary>Dollars as a plain decimal string without trailing zeros, for example <c>0.00123</c>: the form used in JSON.</summary>
    public override string ToString() => FixedPoint.Format(Value, 9);
}
