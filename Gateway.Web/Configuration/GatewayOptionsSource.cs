using Gateway.Core;

namespace Gateway.Web.Configuration;

/// <summary>Holds the options that requests read. A request reads <see cref="Current"/> once and keeps what it got.</summary>
internal sealed class GatewayOptionsSource(GatewayOptions initial)
{
    private GatewayOptions _current = initial;

    public GatewayOptions Current => Volatile.Read(ref _current);

    /// <summary>Raised after each change, on the thread that made it.</summary>
    public event Action? Changed;

    public void Replace(GatewayOptions options)
    {
        Volatile.Write(ref _current, options);
        Changed?.Invoke();
    }
}
