using System.Globalization;
using System.Net;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Generation;
using Gateway.Core.Keys;
using Gateway.Core.Library;

namespace Gateway.Core;

/// <summary>
/// The library's front door: an endpoint, keys, a budget and timeouts make a gateway that can call and stream, without a web
/// host, over the same stages, adapters and codecs. Core knows no vendor: <c>ProviderEndpoint.….CreateGateway()</c> in
/// Gateway.Providers makes builders. Not safe for concurrent use; what it builds is.
/// </summary>
public sealed class GatewayBuilder
{
    private const string ProviderName = "endpoint";

    private readonly ProviderEndpoint _endpoint;
    private readonly IGenerationCodec _codec;
    private readonly Func<Func<GatewayOptions>, TimeProvider, IReadOnlyList<IProviderAdapter>> _adapters;
    private readonly List<CredentialDefinition> _keys = [];
    private readonly List<ModelPrice> _prices = [];
    private GatewayOptions _options = new() { DefaultProvider = ProviderName, DefaultRpm = 0, DefaultTpm = 0 };
    private TimeProvider _time = TimeProvider.System;
    private NanoUsd? _budget;

    /// <param name="codec">Speaks the endpoint's wire.</param>
    /// <param name="adapters">Makes the adapters; one of them serves the endpoint's kind.</param>
    public GatewayBuilder(
        ProviderEndpoint endpoint, IGenerationCodec codec, Func<Func<GatewayOptions>, TimeProvider, IReadOnlyList<IProviderAdapter>> adapters) =>
        (_endpoint, _codec, _adapters) = (endpoint, codec, adapters);

    /// <summary>Adds a key; calls share the keys, the least loaded first, and a key that is refused or limited gives way to the next.</summary>
    /// <param name="label">Names it in <see cref="GatewayClient.PoolStatus"/>; never the secret.</param>
    /// <param name="rpmLimit">Requests a minute; null is no limit.</param>
    /// <param name="tpmLimit">Tokens a minute; null is no limit.</param>
    public GatewayBuilder AddKey(string secret, string label, int? rpmLimit = null, int? tpmLimit = null)
    {
        string id = "key-" + _keys.Count.ToString(CultureInfo.InvariantCulture);
        _keys.Add(new CredentialDefinition { Id = id, Label = label, Secret = secret, RpmLimit = rpmLimit, TpmLimit = tpmLimit });
        return this;
    }

    /// <summary>
    /// What all calls together may cost, in US dollars; calls beyond it are refused before they are made. Needs a price of each
    /// model that is called: a built-in one, or <see cref="WithPrice"/>.
    /// </summary>
    public GatewayBuilder WithBudgetUsd(decimal limit)
    {
        _budget = NanoUsd.FromDollars(limit);
        return this;
    }

    /// <summary>What a model costs; wins over the built-in price.</summary>
    public GatewayBuilder WithPrice(ModelPrice price)
    {
        _prices.Add(price);
        return this;
    }

    /// <summary>Limits of a call in time; null leaves the default (5 s to connect, 60 s to the first byte of what is not generated whole, 60 s of silence, 10 min in all).</summary>
    public GatewayBuilder WithTimeouts(TimeSpan? connect = null, TimeSpan? firstByte = null, TimeSpan? idle = null, TimeSpan? total = null)
    {
        _options = _options with
        {
            ConnectTimeout = connect ?? _options.ConnectTimeout,
            FirstByteTimeout = firstByte ?? _options.FirstByteTimeout,
            FirstByteIsSet = firstByte is not null || _options.FirstByteIsSet,
            IdleTimeout = idle ?? _options.IdleTimeout,
            TotalTimeout = total ?? _options.TotalTimeout,
        };
        return this;
    }

    /// <summary>Further attempts after the first; the pause before them doubles each time. Default 3, beginning with 1 s.</summary>
    public GatewayBuilder WithRetries(int most, TimeSpan? backoff = null)
    {
        _options = _options with { MaxRetries = most, RetryBackoff = backoff ?? _options.RetryBackoff };
        return this;
    }

    /// <summary>Lets the endpoint be in a private network, such as <c>127.0.0.0/8</c>; none is allowed by default.</summary>
    public GatewayBuilder AllowNetwork(string cidr)
    {
        _options = _options with { AllowedNetworks = [.. _options.AllowedNetworks, IPNetwork.Parse(cidr)] };
        return this;
    }

    /// <summary>The clock; the system's by default.</summary>
    public GatewayBuilder WithTime(TimeProvider time)
    {
        _time = time;
        return this;
    }

    /// <exception cref="InvalidOperationException">Something is wrong with the endpoint or a key; the message says what, all at once.</exception>
    public GatewayClient Build()
    {
        var catalog = new GatewayCatalog();
        var definition = new CatalogDefinition
        {
            Providers = [new ProviderDefinition
            {
                Id = ProviderName, Name = ProviderName, Kind = _endpoint.Kind, BaseUrl = _endpoint.BaseUrl, Credentials = [.. _keys], Settings = _endpoint.Settings,
            }],
            Keys = [new ApiKeyDefinition { Id = "library", Name = "library", Prefix = "library", Hash = KeyHash.OfKey(Guid.NewGuid().ToString()), RpmLimit = 0, TpmLimit = 0 }],
            Prices = [.. _prices],
        };
        IReadOnlyList<CatalogError> errors = catalog.Replace(definition);
        if (errors.Count > 0)
        {
            throw new InvalidOperationException(string.Join(" ", errors.Select(e => $"{e.Path}: {e.Message}")));
        }
        catalog.MarkLoaded();
        GatewayOptions options = _options;
        IReadOnlyList<IProviderAdapter> adapters = _adapters(() => options, _time);
        Provider provider = catalog.Current.Providers[ProviderName];
        if (adapters.FirstOrDefault(a => a.Kinds.Contains(_endpoint.Kind))?.Serve(provider, _endpoint.Wire.ToOperation()) != _endpoint.Wire.ToOperation())
        {
            throw new InvalidOperationException($"Providers of the kind {_endpoint.Kind.ToName()} do not speak {_endpoint.Wire.ToName()}.");
        }
        // A jitter needs no secrecy, and a library no common source of chance.
        var pipeline = new GatewayPipeline(catalog, () => options, adapters, journal: null, new DiscardedUsage(), _time, new Random());
        return new GatewayClient(pipeline, catalog.Current, provider, _codec, options, _budget is { } limit ? new MoneyBudget(limit) : null, _time);
    }
}
