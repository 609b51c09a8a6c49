using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;

namespace Gateway.Web.Components;

/// <summary>Which requests a page shows; lives in the address, and goes along from page to page.</summary>
public sealed record RequestFilter
{
    /// <summary>Where nothing is said, and somebody wants to see the requests of one thing.</summary>
    private const string Usual = "7d";

    public TimeRange? Range { get; init; }

    /// <summary>The query's text; all its words have to be met.</summary>
    public RequestText Text { get; init; } = RequestText.Empty;

    public string? Model { get => Text.Of(RequestField.Model.Name); init => Text = Text.With(RequestField.Model.Name, value); }
    public string? Provider { get => Text.Of(RequestField.Provider.Name); init => Text = Text.With(RequestField.Provider.Name, value); }
    public string? KeyId { get => Text.Of(RequestField.Key.Name); init => Text = Text.With(RequestField.Key.Name, value); }

    public IEnumerable<(string Name, string? Value)> ToQuery() =>
        (Range?.ToQuery() ?? (Text.IsEmpty ? [] : [("range", Usual)])).Append(("q", Text.ToString()));

    /// <summary>The same calls, and of them those of one group.</summary>
    public RequestFilter Within(RequestField field, string value) => this with { Text = Text.With(field.Name, value) };

    /// <summary>A preset ends now, and now goes on: it has no end.</summary>
    public RequestQuery ToRequestQuery(IReadOnlyList<RequestTerm> terms) => new()
    {
        From = Range?.From,
        To = Range is { Preset: null } range ? range.To : null,
        Terms = terms,
    };
}
