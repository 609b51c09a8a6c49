using System.Globalization;

namespace Gateway.Core;

/// <summary>Numbers that are counted in a small unit and written in a large one.</summary>
public static class FixedPoint
{
    /// <summary>The number as a plain decimal without trailing zeros: 1230 with three decimals is <c>1.23</c>. A fraction of the cost of a format string.</summary>
    /// <param name="decimals">How many of the digits stand behind the point: 1 to 18.</param>
    public static string Format(long value, int decimals)
    {
        Span<char> digits = stackalloc char[20];
        ulong magnitude = value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value;
        magnitude.TryFormat(digits, out int count, default, CultureInfo.InvariantCulture);
        Span<char> text = stackalloc char[24];
        int length = 0;
        if (value < 0)
        {
            text[length++] = '-';
        }
        int whole = count - decimals;
        if (whole > 0)
        {
            digits[..whole].CopyTo(text[length..]);
            length += whole;
        }
        else
        {
            text[length++] = '0';
        }
        ReadOnlySpan<char> fraction = digits[Math.Max(whole, 0)..count].TrimEnd('0');
        if (fraction.Length > 0)
        {
            text[length++] = '.';
            int zeros = Math.Max(-whole, 0);
            text.Slice(length, zeros).Fill('0');
            length += zeros;
            fraction.CopyTo(text[length..]);
            length += fraction.Length;
        }
        return text[..length].ToString();
    }
}
