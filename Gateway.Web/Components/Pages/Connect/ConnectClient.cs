using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Connect;

/// <summary>A program or library that can be pointed at the gateway, and how.</summary>
/// <param name="Id">In the page's address.</param>
/// <param name="Group">A kind of client, for the list.</param>
/// <param name="Note">One sentence about what to expect; null where nothing is special.</param>
/// <param name="Snippets">With base URL (no trailing slash, no <c>/v1</c>), key and model filled in.</param>
public sealed record ConnectClient(string Id, string Name, string Group, string? Note, Func<string, string, string, IReadOnlyList<Snippet>> Snippets);
