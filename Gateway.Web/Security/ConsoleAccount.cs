using Gateway.Web.Administration.SignIn;

namespace Gateway.Web.Security;

/// <summary>Someone who signed in.</summary>
/// <param name="Stamp">Changes when the credentials do, or the provider: sessions that carry another one end.</param>
/// <param name="Teams">Ids of the only teams whose operator this is.</param>
/// <param name="Person">What the provider said; null for the local administrator.</param>
internal sealed record ConsoleAccount(
    string Name, string Role, string Stamp, IReadOnlyList<string>? Teams = null, SignInPerson? Person = null);
