using Gateway.Core;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>Where spans are sent, and which.</summary>
internal sealed record OtlpSettings
{
    /// <summary>As it is called: with the path of traces, or with that of the gRPC method.</summary>
    public required Uri Url { get; init; }

    /// <summary>gRPC; else protobuf over HTTP.</summary>
    public required bool Grpc { get; init; }

    /// <summary>Sent with every request; may hold secrets.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>For one request.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What sends them: <c>service.name</c> and so on.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Resource { get; init; }
    public required TraceSampling Sampling { get; init; }

    /// <summary>For the log.</summary>
    public string Place => Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
}
