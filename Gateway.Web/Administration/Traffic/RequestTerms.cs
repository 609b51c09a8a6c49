using System.Globalization;
using Gateway.Core.Catalog;
using Gateway.Web.Configuration;

namespace Gateway.Web.Administration.Traffic;

/// <summary>Reads what a query's text means. Names of keys and teams are looked up in a catalog that has the revoked keys, too.</summary>
public static class RequestTerms
{
    /// <param name="problems">Of every word that does not make sense, why; those words are left out.</param>
    public static IReadOnlyList<RequestTerm> Read(RequestText text, CatalogDefinition catalog, out IReadOnlyList<string> problems)
    {
        var terms = new List<RequestTerm>();
        var wrong = new List<string>();
        foreach (RequestWord word in text.Words)
        {
            if (RequestField.Find(word.Field) is not { } field)
            {
                wrong.Add($"There is no field \"{word.Field}\". Known are {string.Join(", ", RequestField.All.Select(f => f.Name))}.");
            }
            else if (Read(field, word, catalog) is { } term)
            {
                terms.Add(term);
            }
            else
            {
                wrong.Add($"\"{word}\": {field.Name} takes {field.Help}.");
            }
        }
        problems = wrong;
        return terms;
    }

    private static RequestTerm? Read(RequestField field, RequestWord word, CatalogDefinition catalog)
    {
        var term = new RequestTerm(field) { Not = word.Not };
        if (field.Unit == RequestUnit.Text)
        {
            string[] values = word.Value.Length == 0 ? [""] : word.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return values.Length == 0 || values.Length > 100 ? null : term with { Values = [.. values.SelectMany(v => Resolve(field, v, catalog)).Distinct()] };
        }
        return Range(field.Unit, word.Value) is { } range && range.Min <= range.Max ? term with { Min = range.Min, Max = range.Max } : null;
    }

    private static string[] Resolve(RequestField field, string value, CatalogDefinition catalog)
    {
        if (value is "" or RequestTerm.Any || (field != RequestField.Key && field != RequestField.Team))
        {
            return [value];
        }
        string[] found = field == RequestField.Key
            ? [.. catalog.Keys.Where(k => k.Id == value || k.Name == value || k.Prefix == value).Select(k => k.Id)]
            : [.. KeysOfTeam(value, catalog)];
        // Of a key that is gone, calls are kept under its id; of a team without keys, there is no call.
        return found.Length > 0 ? found : [field == RequestField.Key ? value : "no key of team " + value];
    }

    private static IEnumerable<string> KeysOfTeam(string value, CatalogDefinition catalog)
    {
        string[] names = [value, .. catalog.Teams.Where(t => t.Id == value || t.Name == value).SelectMany(t => (string[])[t.Id, t.Name])];
        return catalog.Keys.Where(k => k.Team is { } team && names.Contains(team)).Select(k => k.Id);
    }

    private static (long Min, long Max)? Range(RequestUnit unit, string text)
    {
        if (unit == RequestUnit.Flag)
        {
            return text switch { "yes" or "true" => (1, 1), "no" or "false" => (0, 0), _ => null };
        }
        if (unit == RequestUnit.Status && text is [>= '1' and <= '5', 'x' or 'X', 'x' or 'X'])
        {
            return ((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99);
        }
        if (text.Split("..") is [{ Length: > 0 } from, { Length: > 0 } to])
        {
            return Number(unit, from) is { } a && Number(unit, to) is { } b ? (a, b) : null;
        }
        int sign = text.StartsWith(">=", StringComparison.Ordinal) || text.StartsWith("<=", StringComparison.Ordinal) ? 2 : text is ['>' or '<', ..] ? 1 : 0;
        return Number(unit, text[sign..]) is not { } number ? null : text[..sign] switch
        {
            ">" => (number + 1, long.MaxValue),
            ">=" => (number, long.MaxValue),
            "<" => (long.MinValue, number - 1),
            "<=" => (long.MinValue, number),
            _ => (number, number),
        };
    }

    private static long? Number(RequestUnit unit, string text)
    {
        if (unit == RequestUnit.Duration)
        {
            return DurationText.TryParse(text, out TimeSpan duration) ? (long)duration.TotalMicroseconds : null;
        }
        long factor = text switch { [.., 'k' or 'K'] => 1_000, [.., 'm' or 'M'] => 1_000_000, _ => 1 };
        string digits = factor == 1 ? text.TrimStart('$') : text[..^1];
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) || value > 1_000_000_000 || value * factor > 1_000_000_000)
        {
            return null;
        }
        return unit == RequestUnit.Dollars ? NanoUsd.FromDollars(value * factor).Value : (long)(value * factor);
    }
}
