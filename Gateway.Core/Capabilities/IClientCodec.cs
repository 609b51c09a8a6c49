namespace Gateway.Core.Capabilities;

/// <summary>The client's side of a capability: reads what it asks and writes what it gets.</summary>
public interface IClientCodec<TRequest, TAnswer> : ICapabilityCodec
{
    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape, or asks for what no other shape has.</exception>
    TRequest ReadRequest(CapabilityBody body);

    /// <param name="request">As the client sent it: it chose the form of the answer.</param>
    /// <param name="now">When the answer came.</param>
    CapabilityContent WriteAnswer(TAnswer answer, TRequest request, DateTimeOffset now);
}
