using System.Text;

namespace Gateway.Web.Administration.Traffic;

/// <summary>One condition as it is written: <c>model:gpt-4o</c>, <c>-status:5xx</c>.</summary>
/// <param name="Field">A name of <see cref="RequestField"/>, or what somebody took for one.</param>
/// <param name="Value">As written, without its quotes.</param>
/// <param name="Not">Calls that do not meet it.</param>
public sealed record RequestWord(string Field, string Value, bool Not = false)
{
    public override string ToString() => $"{(Not ? "-" : "")}{Field}:{Quoted}";

    private string Quoted => Value.Length == 0 || Value.Any(c => char.IsWhiteSpace(c) || c == '"')
        ? $"\"{Value.Replace("\"", "", StringComparison.Ordinal)}\"" : Value;
}

/// <summary>
/// The text of a query: words that all have to be met. It is what a query bar holds, what an address carries and what the
/// admin API takes; <see cref="RequestTerms"/> says what it means.
/// </summary>
public sealed class RequestText
{
    /// <summary>A word without a field is a request id; a short one its beginning.</summary>
    private const int WholeId = 20;
    private const int MaxWords = 50;

    private RequestText(IReadOnlyList<RequestWord> words) => Words = words;

    public static RequestText Empty { get; } = new([]);

    public IReadOnlyList<RequestWord> Words { get; }

    public bool IsEmpty => Words.Count == 0;

    public static RequestText Parse(string? text)
    {
        var words = new List<RequestWord>();
        ReadOnlySpan<char> rest = (text ?? "").AsSpan().Trim();
        while (rest.Length > 0 && words.Count < MaxWords)
        {
            bool not = rest[0] == '-' && rest.Length > 1;
            rest = not ? rest[1..] : rest;
            var word = new StringBuilder();
            int colon = -1;
            bool quoted = false;
            int at = 0;
            for (; at < rest.Length && (quoted || !char.IsWhiteSpace(rest[at])); at++)
            {
                if (rest[at] == '"')
                {
                    quoted = !quoted;
                    continue;
                }
                colon = rest[at] == ':' && colon < 0 && !quoted ? word.Length : colon;
                word.Append(rest[at]);
            }
            rest = rest[at..].TrimStart();
            string all = word.ToString();
            words.Add(colon > 0
                ? new RequestWord(all[..colon].ToLowerInvariant(), all[(colon + 1)..], not)
                : new RequestWord(RequestField.Id.Name, all.Length < WholeId && !all.EndsWith('*') ? all + "*" : all, not));
        }
        return words.Count == 0 ? Empty : new RequestText(words);
    }

    /// <summary>The one value that a field has to have; null where the text says nothing of it, or something less simple.</summary>
    public string? Of(string field) => Words.Where(w => w.Field == field).ToList() is [{ Not: false } word] ? word.Value : null;

    public bool Names(string field) => Words.Any(w => w.Field == field);

    /// <summary>Says of a field this and nothing else; null says nothing of it.</summary>
    public RequestText With(string field, string? value, bool not = false)
    {
        IEnumerable<RequestWord> others = Words.Where(w => w.Field != field);
        return new RequestText([.. value is null ? others : others.Append(new RequestWord(field, value, not))]);
    }

    /// <summary>As it is written in a query bar.</summary>
    public override string ToString() => string.Join(' ', Words);
}
