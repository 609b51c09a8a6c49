namespace Gateway.Web.Security;

/// <summary>Someone who signed in.</summary>
/// <param name="Stamp">Changes when the credentials do; sessions that carry another one end.</param>
internal sealed record ConsoleAccount(string Name, string Role, string Stamp);
