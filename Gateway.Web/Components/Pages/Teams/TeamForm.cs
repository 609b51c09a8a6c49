using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Teams;

/// <summary>A team while it is being edited.</summary>
internal sealed class TeamForm
{
    public string Name { get; set; } = "";
    public string Description { get; set; } = "";

    /// <summary>Names or addresses, with commas or line breaks between.</summary>
    public string Owners { get; set; } = "";

    /// <summary>Names or patterns, with commas or line breaks between; empty allows all.</summary>
    public string AllowedModels { get; set; } = "";
    public bool Active { get; set; } = true;

    public static TeamForm From(TeamView? team) => team is null ? new TeamForm() : new TeamForm
    {
        Name = team.Name,
        Description = team.Description ?? "",
        Owners = string.Join(", ", team.Owners),
        AllowedModels = string.Join(", ", team.AllowedModels),
        Active = team.Active,
    };

    public TeamChange ToChange() => new()
    {
        Name = Name.Trim(),
        Description = Description.Trim(),
        Owners = new(CommaList.Split(Owners)),
        AllowedModels = new(CommaList.Split(AllowedModels)),
        Active = Active,
    };
}
