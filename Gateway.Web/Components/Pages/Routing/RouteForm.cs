using Gateway.Core.Catalog;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>A route while it is being edited.</summary>
public sealed class RouteForm
{
    /// <summary>What can make a chain move on, with words for it.</summary>
    public static readonly IReadOnlyList<(string Name, string Label)> Failures =
    [
        ("rate_limit", "rate limit"),
        ("timeout", "timeout"),
        ("connection", "connection"),
        ("server_error", "server error"),
        ("invalid_response", "invalid answer"),
        ("authentication", "authentication"),
    ];

    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public bool Active { get; set; } = true;

    /// <summary>Empty leaves it to the models.</summary>
    public string RoutingPolicy { get; set; } = "";

    /// <summary>Milliseconds; null never asks two backends.</summary>
    public int? HedgeAfterMs { get; set; }
    public bool RecoverStreams { get; set; }
    public HashSet<string> RetryOn { get; } = [.. Failures.Select(f => f.Name)];
    public List<StepForm> Steps { get; } = [];

    public static RouteForm From(RouteView? route)
    {
        var form = new RouteForm();
        if (route is null)
        {
            form.Steps.Add(new StepForm());
        }
        else
        {
            form.Take(route);
        }
        return form;
    }

    /// <summary>Becomes another state of the route.</summary>
    public void Take(RouteView route)
    {
        (Name, Description, Active, RoutingPolicy) = (route.Name, route.Description ?? "", route.Active, route.RoutingPolicy ?? "");
        (HedgeAfterMs, RecoverStreams) = (route.HedgeAfterMs, route.RecoverStreams);
        RetryOn.Clear();
        RetryOn.UnionWith(route.RetryOn ?? [.. Failures.Select(f => f.Name)]);
        Steps.Clear();
        Steps.AddRange(route.Steps.Select(StepForm.From));
    }

    /// <summary>As it is now, to come back to.</summary>
    public RouteView ToView() => new()
    {
        Id = "",
        Name = Name,
        Description = Description,
        Active = Active,
        RoutingPolicy = RoutingPolicy,
        HedgeAfterMs = HedgeAfterMs,
        RecoverStreams = RecoverStreams,
        RetryOn = [.. Failures.Select(f => f.Name).Where(RetryOn.Contains)],
        Steps = [.. Steps.Select(s => s.ToView())],
    };

    /// <summary>Moves a step to another place; places beyond the ends are the ends.</summary>
    /// <returns>Its place now, from 0.</returns>
    public int Move(StepForm step, int to)
    {
        int from = Steps.IndexOf(step);
        to = Math.Clamp(to, 0, Steps.Count - 1);
        Steps.RemoveAt(from);
        Steps.Insert(to, step);
        return to;
    }

    internal RouteChange ToChange() => new()
    {
        Name = Name.Trim(),
        Description = string.IsNullOrWhiteSpace(Description) ? new Optional<string?>(null) : Description.Trim(),
        Active = Active,
        RoutingPolicy = RoutingPolicy.Length == 0 ? new Optional<string?>(null) : RoutingPolicy,
        HedgeAfterMs = HedgeAfterMs,
        RecoverStreams = RecoverStreams,
        RetryOn = RetryOn.Count == Failures.Count ? new Optional<IReadOnlyList<string>?>(null) : new([.. Failures.Select(f => f.Name).Where(RetryOn.Contains)]),
        Steps = new([.. Steps.Select(s => s.ToView())]),
    };

    /// <summary>What is different from the route as it was loaded. Its steps are whole, and so must not have been changed by others.</summary>
    internal RouteChange Changes(RouteView loaded)
    {
        RouteChange change = ToChange().Since(From(loaded).ToChange());
        return change.Steps.HasValue ? change with { IfUpdatedAt = loaded.UpdatedAt } : change;
    }

    /// <summary>For a dry run of what is on screen, saved or not, under the drawing's own name where it has none yet.</summary>
    internal RouteDefinition ToDefinition(string id) => new()
    {
        Id = id,
        Name = Name.Trim() is { Length: > 0 } name ? name : "this route",
        Steps = [.. Steps.Select(s => s.ToDefinition())],
        RetryOn = RetryOn.Count == Failures.Count ? null : [.. RetryOn],
        RoutingPolicy = RoutingPolicy.Length == 0 ? null : RoutingPolicy,
        Active = true,
    };
}

/// <summary>What the editor shows.</summary>
/// <param name="Form">Null when there is no such route.</param>
/// <param name="ReadOnly">Declared in a file, or shown to someone who may only look.</param>
/// <param name="Loaded">As it was read; null for a new one.</param>
public sealed record RouteEdit(RouteForm? Form, bool ReadOnly, RouteView? Loaded = null)
{
    public RouteEdits? Edits { get; } = Form is null ? null : new RouteEdits(Form);
}
