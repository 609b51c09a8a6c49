using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Ledger;

/// <summary>
/// Reads a provider's cost export (CSV with a header line). Columns are found by the names that vendors give them, in any
/// order; other columns are passed over.
/// </summary>
internal static class InvoiceFile
{
    private const int MaxLines = 100_000;
    private const int MaxProblems = 50;
    private static readonly string[] DayNames = ["date", "day", "usage_date", "usage_date_utc", "start_date", "start_time", "start_time_iso", "usage_start_date", "period"];
    private static readonly string[] ModelNames = ["model", "model_name", "model_id", "line_item", "model_version", "sku", "usage_type", "meter"];
    private static readonly string[] CostNames = ["cost", "cost_usd", "amount", "amount_usd", "amount_value", "total", "total_cost", "unblended_cost", "cost_in_usd"];

    /// <param name="problems">What cannot be read, line by line; when a column is missing, that alone.</param>
    public static List<InvoiceLine> Read(TextReader text, List<string> problems)
    {
        var lines = new List<InvoiceLine>();
        using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            DetectDelimiter = true,
            TrimOptions = TrimOptions.Trim,
            BadDataFound = null,
            MissingFieldFound = null,
            MaxFieldSize = 10_000,
        });
        try
        {
            if (!csv.Read() || !csv.ReadHeader())
            {
                problems.Add("The file is empty.");
                return lines;
            }
            int day = Find(csv.HeaderRecord!, DayNames, "day", problems);
            int model = Find(csv.HeaderRecord!, ModelNames, "model", problems);
            int cost = Find(csv.HeaderRecord!, CostNames, "cost", problems);
            while (problems.Count == 0 || (day >= 0 && model >= 0 && cost >= 0))
            {
                if (!csv.Read())
                {
                    break;
                }
                if (lines.Count == MaxLines || problems.Count == MaxProblems)
                {
                    problems.Add("Reading stopped here: there are too many lines, or too many that cannot be read.");
                    break;
                }
                ReadLine(csv, day, model, cost, lines, problems);
            }
        }
        catch (CsvHelperException e)
        {
            problems.Add($"Line {csv.Parser.RawRow}: {e.GetType().Name.Replace("Exception", "", StringComparison.Ordinal)}; the file is not CSV from here on.");
        }
        return lines;
    }

    private static void ReadLine(CsvReader csv, int day, int model, int cost, List<InvoiceLine> lines, List<string> problems)
    {
        string line = $"Line {csv.Parser.RawRow}";
        string? name = csv.GetField(model);
        if (!TryReadDay(csv.GetField(day), out DateOnly at))
        {
            problems.Add($"{line}: no date where one is expected.");
        }
        else if (string.IsNullOrEmpty(name))
        {
            problems.Add($"{line}: no model.");
        }
        else if (!decimal.TryParse(csv.GetField(cost)?.TrimStart('$'), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out decimal dollars)
            || Math.Abs(dollars) > 1_000_000_000)
        {
            problems.Add($"{line}: no amount where one is expected.");
        }
        else
        {
            lines.Add(new InvoiceLine(at, name, NanoUsd.FromDollars(dollars)));
        }
    }

    private static bool TryReadDay(string? text, out DateOnly day)
    {
        day = default;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds is > 1_000_000_000 and < 100_000_000_000)
        {
            day = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime);
            return true;
        }
        bool read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at);
        day = read ? DateOnly.FromDateTime(at.UtcDateTime) : default;
        return read;
    }

    private static int Find(string[] header, string[] names, string what, List<string> problems)
    {
        int index = Array.FindIndex(header, h => names.Contains(h.Trim().Replace(' ', '_').ToLowerInvariant()));
        if (index < 0)
        {
            problems.Add($"No column with the {what}: its name is one of {string.Join(", ", names)}.");
        }
        return index;
    }
}
