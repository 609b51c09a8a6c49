namespace Gateway.Core.Limits;

/// <summary>Requests and tokens of the last minute.</summary>
public sealed class SlidingWindow
{
}
