using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints;

/// <summary>A model as lists name it.</summary>
/// <param name="Id">What clients call it by: a name, or one of its aliases.</param>
/// <param name="Name">Its own name.</param>
/// <param name="Created">Unix seconds; 0 where nobody knows.</param>
internal sealed record ListedModel(string Id, string Name, long Created, int? MaxOutputTokens)
{
    public static ListedModel Of(string id, Model model) => new(id, model.Name, model.Created, model.MaxOutputTokens);

    /// <summary>One that only its upstream knows.</summary>
    public static ListedModel Of(string id) => new(id, id, 0, null);
}
