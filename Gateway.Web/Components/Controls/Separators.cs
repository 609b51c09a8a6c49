using System.Globalization;
using Gateway.Web.Administration.Appearances;

namespace Gateway.Web.Components.Controls;

/// <summary>What each <see cref="FigureStyle"/> is to .NET's formatting.</summary>
internal static class Separators
{
    // No place to break a line at. The narrow one of that kind (U+202F) is not seen in the console's font, the thin one breaks lines.
    private const string Space = "\u00a0";

    private static readonly NumberFormatInfo SpacePoint = New(Space, ".");
    private static readonly NumberFormatInfo PointComma = New(".", ",");
    private static readonly NumberFormatInfo SpaceComma = New(Space, ",");

    public static NumberFormatInfo Of(FigureStyle style) => style switch
    {
        FigureStyle.SpacePoint => SpacePoint,
        FigureStyle.PointComma => PointComma,
        FigureStyle.SpaceComma => SpaceComma,
        _ => NumberFormatInfo.InvariantInfo,
    };

    private static NumberFormatInfo New(string group, string point) =>
        NumberFormatInfo.ReadOnly(new NumberFormatInfo { NumberGroupSeparator = group, NumberDecimalSeparator = point });
}
