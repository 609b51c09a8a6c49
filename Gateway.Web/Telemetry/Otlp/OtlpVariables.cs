using System.Globalization;
using Gateway.Core;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>
/// Reads OpenTelemetry's own environment variables, which deployments set for all their services alike. As its specification
/// wants it, what cannot be understood is named and otherwise ignored, rather than to keep a service from starting.
/// </summary>
/// <param name="get">A variable's value; null or empty where it is not set.</param>
internal sealed class OtlpVariables(Func<string, string?> get)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string GrpcMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    private const int GrpcPort = 4317;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private readonly List<string> _ignored = [];

    /// <summary>What was not understood, for the log; holds no value that may be a secret.</summary>
    public IReadOnlyList<string> Ignored => _ignored;

    /// <summary>Null where nothing is to be exported.</summary>
    /// <param name="version">Of this program.</param>
    /// <param name="node">The name of this process.</param>
    public OtlpSettings? Read(string version, string node)
    {
        if (IsTrue("OTEL_SDK_DISABLED") || Get("OTEL_TRACES_EXPORTER") is "none")
        {
            return null;
        }
        (string Name, string Value)? named = Get(TracesEndpoint) is { } own ? (TracesEndpoint, own) : Get(Endpoint) is { } shared ? (Endpoint, shared) : null;
        if (named is not { } endpoint)
        {
            return null;
        }
        if (!Uri.TryCreate(endpoint.Value, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            _ignored.Add($"{endpoint.Name} is no http or https URL; traces are not exported.");
            return null;
        }
        bool grpc = IsGrpc(url);
        return new OtlpSettings
        {
            Url = grpc ? new Uri(url, GrpcMethod) : endpoint.Name == TracesEndpoint ? url : new Uri(url.AbsoluteUri.TrimEnd('/') + "/v1/traces"),
            Grpc = grpc,
            Headers = Pairs(Get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") is not null ? "OTEL_EXPORTER_OTLP_TRACES_HEADERS" : "OTEL_EXPORTER_OTLP_HEADERS"),
            Timeout = Timeout(),
            Resource = Resource(version, node),
            Sampling = Sampling(),
        };
    }

    private bool IsGrpc(Uri url)
    {
        string? protocol = Get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? Get("OTEL_EXPORTER_OTLP_PROTOCOL");
        if (protocol is not (null or "grpc" or "http/protobuf"))
        {
            _ignored.Add($"OTEL_EXPORTER_OTLP_PROTOCOL is \"{protocol}\"; grpc and http/protobuf are known.");
            protocol = null;
        }
        // Languages differ in their default; the port that was registered for gRPC tells.
        return protocol is null ? url.Port == GrpcPort : protocol == "grpc";
    }

    private TimeSpan Timeout()
    {
        if ((Get("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") ?? Get("OTEL_EXPORTER_OTLP_TIMEOUT")) is not { } text)
        {
            return DefaultTimeout;
        }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) && milliseconds > 0)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }
        _ignored.Add($"OTEL_EXPORTER_OTLP_TIMEOUT is \"{text}\"; it must be a number of milliseconds.");
        return DefaultTimeout;
    }

    private List<KeyValuePair<string, string>> Resource(string version, string node)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["service.name"] = "gateway-console",
            ["service.version"] = version,
            ["service.instance.id"] = node,
        };
        foreach ((string key, string value) in Pairs("OTEL_RESOURCE_ATTRIBUTES"))
        {
            attributes[key] = value;
        }
        if (Get("OTEL_SERVICE_NAME") is { } name)
        {
            attributes["service.name"] = name;
        }
        return [.. attributes];
    }

    private TraceSampling Sampling()
    {
        string sampler = Get("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
        string kind = sampler.StartsWith("parentbased_", StringComparison.Ordinal) ? sampler["parentbased_".Length..] : sampler;
        bool ignoresParent = kind.Length == sampler.Length;
        switch (kind)
        {
            case "always_on":
                return new TraceSampling(ignoresParent, TraceSampling.All);
            case "always_off":
                return new TraceSampling(ignoresParent, 0);
            case "traceidratio":
                return new TraceSampling(ignoresParent, (ulong)(Ratio() * TraceSampling.All));
            default:
                _ignored.Add($"OTEL_TRACES_SAMPLER is \"{sampler}\", which is not known; every trace is taken.");
                return new TraceSampling(IgnoresParent: false, TraceSampling.All);
        }
    }

    private double Ratio()
    {
        if (Get("OTEL_TRACES_SAMPLER_ARG") is not { } text)
        {
            return 1;
        }
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double ratio) && ratio is >= 0 and <= 1)
        {
            return ratio;
        }
        _ignored.Add($"OTEL_TRACES_SAMPLER_ARG is \"{text}\"; it must be a number from 0 to 1.");
        return 1;
    }

    /// <summary><c>key=value,key=value</c>, values in percent-encoding.</summary>
    private List<KeyValuePair<string, string>> Pairs(string name)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (string pair in (Get(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=');
            if (equals <= 0)
            {
                _ignored.Add($"{name} holds an entry that is no key=value.");
                continue;
            }
            pairs.Add(new(pair[..equals].Trim(), Uri.UnescapeDataString(pair[(equals + 1)..].Trim())));
        }
        return pairs;
    }

    private bool IsTrue(string name) => string.Equals(Get(name), "true", StringComparison.OrdinalIgnoreCase);

    private string? Get(string name) => get(name)?.Trim() is { Length: > 0 } value ? value : null;
}
