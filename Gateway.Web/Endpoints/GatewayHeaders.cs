using System.Globalization;
using Gateway.Core;
using Gateway.Core.Accounting;

namespace Gateway.Web.Endpoints;

/// <summary>The gateway's own headers: who answered, and at what price.</summary>
internal static class GatewayHeaders
{
    private const int MaxLength = 2000;

    public static void Add(IHeaderDictionary headers, UsageRecord record, bool streamed, string? lossy)
    {
        // A stream's attempt is not over when its head is sent.
        headers["x-gateway-attempts"] = (record.Attempts.Count + (streamed ? 1 : 0)).ToString(CultureInfo.InvariantCulture);
        if (record.Provider is not null)
        {
            headers["x-gateway-provider"] = HeaderText(record.Provider);
            headers["x-gateway-backend"] = HeaderText(record.BackendId!);
        }
        if (lossy is not null)
        {
            headers["x-gateway-lossy"] = HeaderText(lossy);
        }
        if (!streamed)
        {
            headers["x-gateway-overhead-ms"] = FixedPoint.Format(record.DurationUs - record.UpstreamUs, 3);
            if (record.Cost is { } cost)
            {
                headers["x-gateway-cost-usd"] = cost.ToString();
            }
        }
    }

    // Names are free text, fields that were lost are the client's own words; a header is printable, and not endless.
    internal static string HeaderText(string text)
    {
        string printable = text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Uri.EscapeDataString(text) : text;
        return printable.Length <= MaxLength ? printable : printable[..MaxLength];
    }
}
