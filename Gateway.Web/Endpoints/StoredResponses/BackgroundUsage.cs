using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Limits;
using Gateway.Core.Relay;

namespace Gateway.Web.Endpoints.StoredResponses;

/// <summary>
/// Books what an answer used that a provider made in the background, when it is first told. The call that asked for it is in the
/// books with the most output that it had reserved, so what is left is the output beyond that, as an entry of its own.
/// </summary>
internal static class BackgroundUsage
{
    /// <param name="told">The answer, or the event that ended its stream.</param>
    public static async Task BookAsync(IServiceProvider services, ApiKey key, StoredResponse response, Provider provider, byte[] told)
    {
        if (!AnswerReader.TryRead(Operation.Responses, told, measure: false, out AnswerFacts facts) || facts.IsPending || !facts.HasUsage)
        {
            return;
        }
        try
        {
            // The client has its answer, and may be gone.
            if (!await services.GetRequiredService<IResponseStore>().ClaimUsageAsync(response.Id, response.KeyId, CancellationToken.None))
            {
                return;
            }
        }
        catch (ResponseStoreException)
        {
            // The next one who asks books it.
            return;
        }
        CatalogSnapshot catalog = services.GetRequiredService<GatewayCatalog>().Current;
        Model? model = catalog.FindModel(response.Model);
        long booked = BookedOutput(services.GetRequiredService<Func<GatewayOptions>>()(), model, told);
        if (facts.Usage.OutputTokens > booked)
        {
            await RecordAsync(services, catalog, key, response, provider, model, facts.Usage.OutputTokens - booked);
        }
    }

    // As when it was reserved.
    private static long BookedOutput(GatewayOptions options, Model? model, byte[] told)
    {
        JsonElement json = JsonFields.Parse(told);
        long output = (json.Has("response", out JsonElement inner) ? inner : json).Whole("max_output_tokens") ?? options.AssumedOutputTokens;
        return Math.Min(output, model?.MaxOutputTokens ?? output);
    }

    private static async Task RecordAsync(
        IServiceProvider services, CatalogSnapshot catalog, ApiKey key, StoredResponse response, Provider provider, Model? model, long output)
    {
        DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        Backend? backend = model?.Backends.FirstOrDefault(b => b.Provider.Id == provider.Id);
        string upstream = backend?.UpstreamModel ?? response.Model;
        ModelPrice? price = catalog.Prices.Find(upstream, provider, response.CreatedAt);
        var usage = new Usage(UsageSource.Reported, 0, 0, 0, output, 0);
        var record = new UsageRecord
        {
            Id = CallId.New(now),
            RequestId = CallId.New(now).ToString("N"),
            // Where its budget's window is that of the call that asked for it.
            StartedAt = response.CreatedAt,
            Operation = Operation.Responses,
            Method = "GET",
            Path = "/v1/responses/{id}",
            KeyId = key.Id,
            KeyPrefix = key.Prefix,
            KeyName = key.Name,
            RequestedModel = response.Model,
            Model = model?.Name ?? response.Model,
            Provider = provider.Name,
            BackendId = backend?.Id,
            UpstreamModel = upstream,
            Status = 200,
            Admitted = true,
            Usage = usage,
            Cost = CostCalculator.Cost(usage, price),
            PriceVersion = price?.Version,
        };
        if (await services.GetRequiredService<Journal>().AppendAsync(record))
        {
            services.GetRequiredService<IUsageSink>().Post(record);
            Count(catalog, services.GetRequiredService<ILimitStore>(), record, now);
        }
    }

    private static void Count(CatalogSnapshot catalog, ILimitStore limits, UsageRecord record, DateTimeOffset now)
    {
        NanoUsd cost = record.Cost ?? NanoUsd.Zero;
        foreach (LimitScope scope in catalog.Scopes.Values.Where(s => s.Covers(record.KeyId, catalog.TeamOf(record.KeyId), record.Model, record.Provider)))
        {
            foreach (Budget budget in scope.Budgets.Where(b => b.WindowAt(now).Contains(record.StartedAt)))
            {
                budget.Meter.Correct(budget, budget.WindowAt(now), cost, now);
                limits.Share(scope, budget, budget.WindowAt(now), cost);
            }
        }
    }
}
