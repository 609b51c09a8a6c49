using System.Text.Json;
using Gateway.Web.Configuration;

namespace Gateway.Web.Administration.SignIn;

/// <summary>What a provider says of somebody, as far as rules can ask for it.</summary>
/// <param name="Claims">Types and values, one entry for each of several values.</param>
internal sealed record SignInPerson(string Provider, IReadOnlyList<(string Type, string Value)> Claims)
{
    private const string Unverified = "unverified_email";

    // Facts about the token, not about the person.
    private static readonly string[] Technical =
        ["aud", "iss", "iat", "nbf", "exp", "nonce", "at_hash", "c_hash", "azp", "auth_time", "amr", "acr", "aio", "rh", "uti", "ver", "sid", "session_state", "jti", "s_hash"];

    /// <summary>
    /// Takes what counts from a token's claims. An e-mail address counts when the provider vouches for it: elsewhere everybody
    /// may write what they like into it.
    /// </summary>
    public static SignInPerson From(SignInProvider provider, IEnumerable<(string Type, string Value)> claims)
    {
        List<(string Type, string Value)> all = [.. claims.Where(c => !Technical.Contains(c.Type))];
        bool verified = provider.TrustsEmail || all.Any(c => c.Type is "email_verified" or "xms_edov" && c.Value is "true" or "True" or "1");
        string? email = all.FirstOrDefault(c => c.Type == "email").Value;
        if (email is null && provider.IsEntra && provider.TrustsEmail)
        {
            email = all.FirstOrDefault(c => c.Type == "preferred_username" && c.Value.Contains('@')).Value;
        }
        var kept = new List<(string, string)>();
        foreach ((string type, string value) in all)
        {
            if (type == "sub")
            {
                kept.Add(("subject", value));
            }
            else if (type == provider.GroupsClaim)
            {
                kept.Add(("groups", value));
            }
            // These are ours to say; a claim of that name would pass for them.
            else if (type is not ("email" or Unverified or "domain" or "subject" or "groups"))
            {
                kept.Add((type, value));
            }
        }
        if (email is not null)
        {
            kept.Add((verified ? "email" : Unverified, email));
        }
        return new SignInPerson(provider.Name, [.. kept.Distinct()]);
    }

    /// <summary>The claims in a JSON object, as token viewers show them.</summary>
    public static IEnumerable<(string Type, string Value)> ClaimsOf(JsonElement claims) => claims.EnumerateObject().SelectMany(p =>
        p.Value.ValueKind == JsonValueKind.Array ? p.Value.EnumerateArray().Select(v => (p.Name, v.ToString())) : [(p.Name, p.Value.ToString())]);

    public IEnumerable<string> Values(string claim) => claim == "domain"
        ? Values("email").Where(e => e.Contains('@')).Select(e => e[(e.LastIndexOf('@') + 1)..])
        : Claims.Where(c => c.Type == claim).Select(c => c.Value);

    /// <summary>For people to read, and not to be taken for an identity: providers let people change it.</summary>
    public string Name => First("email") ?? First("preferred_username") ?? First("name") ?? First("upn") ?? First("subject") ?? "?";

    /// <summary>Who this is in the audit log: the address where it is vouched for, else the subject as well.</summary>
    public string ActorName
    {
        get
        {
            string name = First("email") ?? (First("subject") is { } subject && subject != Name ? $"{Name} ({subject})" : Name);
            name = $"{Provider}:{new string([.. name.Where(c => !char.IsControl(c))])}";
            return name.Length > 200 ? name[..200] : name;
        }
    }

    /// <summary>
    /// Entra ID leaves the groups out when there are more than fit into a token, and names a place to ask instead. That takes
    /// permissions for its Graph API, which this console does not ask for.
    /// </summary>
    public bool LacksGroups => !Values("groups").Any()
        && (Values("hasgroups").Any(v => v is "true" or "True") || Values("_claim_names").Any(v => v.Contains("\"groups\"", StringComparison.Ordinal)));

    private string? First(string claim) => Values(claim).FirstOrDefault(v => v.Length > 0);
}
