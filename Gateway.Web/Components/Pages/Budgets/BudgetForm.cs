using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Budgets;

/// <summary>A budget while it is being edited. Days are those of its time zone.</summary>
internal sealed class BudgetForm
{
    /// <summary>The largest amount in dollars that is taken, so that an amount and what is added fit together.</summary>
    public const decimal Most = 1_000_000_000;

    public string Name { get; set; } = "";
    public string Scope { get; set; } = "gateway";

    /// <summary>The id of what it is set on; empty for the gateway.</summary>
    public string Of { get; set; } = "";

    /// <summary>Dollars.</summary>
    public decimal? Amount { get; set; }
    public string Period { get; set; } = BudgetPeriod.Month.ToName();

    /// <summary>An IANA name; empty is UTC.</summary>
    public string TimeZone { get; set; } = "";
    public DateOnly? FirstDay { get; set; }
    public DateOnly? LastDay { get; set; }
    public bool Hard { get; set; } = true;

    /// <summary>Dollars on top, up to and with <see cref="ExtraLastDay"/>.</summary>
    public decimal? Extra { get; set; }
    public DateOnly? ExtraLastDay { get; set; }
    public bool Active { get; set; } = true;

    /// <summary>As they were.</summary>
    [JsonInclude]
    private Days Before { get; set; } = new(null, null, null);

    [JsonIgnore]
    public bool IsFixed => Period == BudgetPeriod.Fixed.ToName();

    public static BudgetForm From(BudgetView? budget)
    {
        if (budget is null)
        {
            return new BudgetForm();
        }
        TimeZoneInfo zone = Zones.Of(budget.TimeZone);
        var form = new BudgetForm
        {
            Name = budget.Name,
            Scope = budget.Scope,
            Of = budget.Of,
            Amount = budget.AmountUsd.ToDollars(),
            Period = budget.Period,
            TimeZone = budget.TimeZone ?? "",
            FirstDay = Day(budget.StartsAt, zone),
            LastDay = Day(budget.EndsAt?.AddTicks(-1), zone),
            Hard = budget.Hard,
            Extra = budget.ExtraUsd.Value == 0 ? null : budget.ExtraUsd.ToDollars(),
            ExtraLastDay = Day(budget.ExtraUntil?.AddTicks(-1), zone),
            Active = budget.Active,
        };
        form.Before = new Days(form.FirstDay, form.LastDay, form.ExtraLastDay);
        return form;
    }

    /// <summary>Null when something has to be entered first.</summary>
    public BudgetChange? ToChange([NotNullWhen(false)] out CatalogError? error)
    {
        error = Amount is null or < 0 or > Most || Extra is < 0 or > Most
            ? new CatalogError("amount_usd", "An amount is 0 to 1,000,000,000 dollars.")
            : Extra > 0 && ExtraLastDay is null ? new CatalogError("extra_until", "Say until which day the extra amount holds.") : null;
        if (error is not null)
        {
            return null;
        }
        TimeZoneInfo zone = Zones.Of(TimeZone);
        return new BudgetChange
        {
            Name = Name.Trim(),
            Scope = Scope,
            Of = Of,
            AmountUsd = NanoUsd.FromDollars(Amount!.Value),
            Period = Period,
            TimeZone = TimeZone.Trim(),
            // Instants that were given to the second by the API stay what they are unless their day is changed.
            StartsAt = !IsFixed ? new(null) : FirstDay == Before.First ? default : new(Start(FirstDay, zone)),
            EndsAt = !IsFixed ? new(null) : LastDay == Before.Last ? default : new(Start(LastDay?.AddDays(1), zone)),
            Hard = Hard,
            ExtraUsd = NanoUsd.FromDollars(Extra ?? 0),
            ExtraUntil = Extra is null or 0 ? new(null) : ExtraLastDay == Before.ExtraLast ? default : new(Start(ExtraLastDay?.AddDays(1), zone)),
            Active = Active,
        };
    }

    private static DateOnly? Day(DateTimeOffset? at, TimeZoneInfo zone) =>
        at is { } instant ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime) : null;

    // The window that holds noon, since midnight may not exist or happen twice.
    private static DateTimeOffset? Start(DateOnly? day, TimeZoneInfo zone)
    {
        if (day is not { } known)
        {
            return null;
        }
        DateTime noon = known.ToDateTime(new TimeOnly(12, 0));
        return BudgetWindow.Of(BudgetPeriod.Day, zone, new DateTimeOffset(noon, zone.GetUtcOffset(noon))).Start;
    }

    private sealed record Days(DateOnly? First, DateOnly? Last, DateOnly? ExtraLast);
}
