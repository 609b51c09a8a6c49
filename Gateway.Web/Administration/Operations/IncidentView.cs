namespace Gateway.Web.Administration.Operations;

/// <summary>A draft of a post-mortem, as Markdown.</summary>
/// <param name="FileName">For downloads.</param>
public sealed record IncidentView(string Title, string FileName, DateTimeOffset From, DateTimeOffset To, string Markdown);
