namespace Gateway.Web.Administration.Appearances;

/// <summary>What stands between the thousands of a figure, and before its decimals.</summary>
internal enum FigureStyle
{
    /// <summary><c>1,234.5</c></summary>
    CommaPoint,

    /// <summary><c>1 234.5</c></summary>
    SpacePoint,

    /// <summary><c>1.234,5</c></summary>
    PointComma,

    /// <summary><c>1 234,5</c></summary>
    SpaceComma,
}
