using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration;

/// <summary>One thing that is wrong with a draft.</summary>
/// <param name="Line">From 1 on; null where no line is to blame.</param>
/// <param name="Path">For example <c>models[gpt-4o].backends[0].weight</c>; empty for the whole.</param>
public sealed record DraftProblem(long? Line, string Path, string Message)
{
    public CatalogError ToError() => new(Path, Line is null ? Message : $"Line {Line}: {Message}");
}

/// <summary>What a draft's text comes to.</summary>
/// <param name="Rows">As they would be in the database; what could be read of them where there are <paramref name="Problems"/>.</param>
/// <param name="Needed">Secrets that are not kept here and must be given when it is applied.</param>
/// <param name="Notes">What of the text a draft does not change, and other things to know.</param>
internal sealed record DraftReading(
    CatalogRows Rows, IReadOnlyList<DraftProblem> Problems, IReadOnlyList<SecretVariable> Needed, IReadOnlyList<string> Notes)
{
    public AdministrationFailure Failure => AdministrationFailure.Invalid([.. Problems.Select(p => p.ToError())]);
}
