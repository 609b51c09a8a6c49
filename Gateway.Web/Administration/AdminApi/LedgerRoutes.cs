using System.Globalization;
using Gateway.Web.Administration.Ledger;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/ledger</c>: reservations and settlements, comparison with an invoice, pricing again.</summary>
internal static class LedgerRoutes
{
    private const long MaxInvoiceBytes = 16_777_216;

    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/ledger").WithTags("Ledger");
        api.MapAdmin("GET", "", ReadAsync, "Add up what was reserved, settled, given back and corrected, from and to").Gives<LedgerView>().Fails(400);
        api.MapAdmin("POST", "/reprice", RepriceAsync, "Price calls of a window again; dry_run (the default) only says what would change").Takes<RepriceChange>().Gives<RepriceView>().Fails(400);
        api.MapAdmin("POST", "/reconcile", ReconcileAsync, "Compare the books with a provider's invoice, sent as text/csv; provider and tolerance_percent in the query").Gives<InvoiceComparison>().Fails(400, 413, 415);
    }

    private static async Task ReadAsync(HttpContext context)
    {
        DateTimeOffset now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (!TryTime(context, "from", DateTimeOffset.UnixEpoch, out DateTimeOffset from) || !TryTime(context, "to", now.AddMinutes(1), out DateTimeOffset to))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "from and to are times such as 2026-12-31T23:59:59Z.");
            return;
        }
        await context.WriteJsonAsync(await context.RequestServices.GetRequiredService<LedgerBooks>().ReadAsync(from, to, context.RequestAborted));
    }

    private static async Task RepriceAsync(HttpContext context)
    {
        if (await context.ReadAsync<RepriceChange>() is { } change)
        {
            await context.WriteAsync(await context.RequestServices.GetRequiredService<Repricing>().RunAsync(change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task ReconcileAsync(HttpContext context)
    {
        if (context.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) != true)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send the invoice with the header Content-Type: text/csv.");
            return;
        }
        if (!decimal.TryParse(context.Request.Query["tolerance_percent"].FirstOrDefault() ?? "1", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal tolerance) || tolerance > 100)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "tolerance_percent is 0 to 100.");
            return;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxInvoiceBytes;
        }
        string? provider = context.Request.Query["provider"].FirstOrDefault();
        string text;
        try
        {
            // Read whole, so that parsing need not wait for the sender.
            using var reader = new StreamReader(context.Request.Body);
            text = await reader.ReadToEndAsync(context.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await AdminProblem.WriteAsync(context, e.StatusCode, $"The invoice is larger than {MaxInvoiceBytes} bytes.");
            return;
        }
        await context.WriteAsync(await context.RequestServices.GetRequiredService<Reconciliation>()
            .CompareAsync(new StringReader(text), string.IsNullOrWhiteSpace(provider) ? null : provider, tolerance, context.RequestAborted));
    }

    private static bool TryTime(HttpContext context, string name, DateTimeOffset otherwise, out DateTimeOffset time)
    {
        time = otherwise;
        return context.Request.Query[name].FirstOrDefault() is not { } text
            || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
