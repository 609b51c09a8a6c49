using System.Globalization;
using Gateway.Core;

namespace Gateway.Web.Endpoints;

/// <summary>The part of a list that <c>limit</c>, <c>after_id</c> and <c>before_id</c> ask for. Source: Anthropic API reference, "List Models".</summary>
internal readonly record struct AnthropicPage(IReadOnlyList<ListedModel> Models, bool HasMore)
{
    private const int MostModels = 1000;

    /// <param name="page">All on one page unless <c>limit</c> says otherwise: some clients look at the first one alone.</param>
    /// <returns>What is wrong with the query; null if nothing is.</returns>
    public static GatewayError? TryTake(IReadOnlyList<ListedModel> all, IQueryCollection query, out AnthropicPage page)
    {
        page = new AnthropicPage(all, false);
        int limit = MostModels;
        if (query["limit"] is [{ } asked] && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostModels))
        {
            return Wrong("limit", $"must be a number from 1 to {MostModels}");
        }
        (int from, int to) = (0, all.Count);
        if (query["after_id"] is [{ } after] && (from = IndexOf(all, after) + 1) == 0)
        {
            return Wrong("after_id", "names no model of this list");
        }
        if (query["before_id"] is [{ } before])
        {
            if ((to = IndexOf(all, before)) < 0)
            {
                return Wrong("before_id", "names no model of this list");
            }
            // The nearest ones before it; more of them are still further ahead.
            int first = Math.Max(from, to - limit);
            page = new AnthropicPage([.. all.Take(first..Math.Max(first, to))], first > from);
            return null;
        }
        page = new AnthropicPage([.. all.Skip(from).Take(limit)], all.Count - from > limit);
        return null;
    }

    private static int IndexOf(IReadOnlyList<ListedModel> all, string id)
    {
        for (int i = 0; i < all.Count; i++)
        {
            if (all[i].Id == id)
            {
                return i;
            }
        }
        return -1;
    }

    private static GatewayError Wrong(string name, string why) => new(GatewayErrorKind.InvalidRequest, $"{name}: {why}.", name);
}
