using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Ledger;

/// <summary>A line of a provider's invoice: what one model cost on one day (UTC).</summary>
/// <param name="Model">As the provider names it.</param>
public sealed record InvoiceLine(DateOnly Day, string Model, NanoUsd Cost);

/// <summary>Our books beside an invoice.</summary>
/// <param name="Provider">Whose invoice it is; null compares with all providers.</param>
/// <param name="DifferenceUsd">Theirs less ours: above zero they ask for more than we booked.</param>
/// <param name="Problems">Lines of the file that could not be read, with their numbers; they are in none of the sums.</param>
public sealed record InvoiceComparison(
    string? Provider,
    DateOnly From,
    DateOnly To,
    NanoUsd OursUsd,
    NanoUsd TheirsUsd,
    NanoUsd DifferenceUsd,
    IReadOnlyList<InvoiceRow> Rows,
    IReadOnlyList<string> Problems);

/// <param name="OursUsd">Null: we booked nothing of the sort.</param>
/// <param name="TheirsUsd">Null: the invoice has no such line.</param>
/// <param name="UnknownCalls">Of ours, calls whose cost is not known; they explain a difference.</param>
/// <param name="Verdict">One of <c>match, differs, only_ours, only_theirs</c>.</param>
public sealed record InvoiceRow(DateOnly Day, string Model, NanoUsd? OursUsd, NanoUsd? TheirsUsd, NanoUsd DifferenceUsd, long UnknownCalls, string Verdict);
