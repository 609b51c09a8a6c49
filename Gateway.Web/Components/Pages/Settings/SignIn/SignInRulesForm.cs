using Gateway.Web.Administration.SignIn;
using Gateway.Web.Security;

namespace Gateway.Web.Components.Pages.Settings.SignIn;

/// <summary>The console's own rules of sign-in while they are being edited.</summary>
public sealed class SignInRulesForm
{
    private string _version = "";

    public List<Entry> Rules { get; } = [];
    public string DefaultRole { get; set; } = ConsoleRoles.None;

    public static SignInRulesForm From(SignInRulesView view)
    {
        var form = new SignInRulesForm { DefaultRole = view.DefaultRole, _version = view.Version };
        form.Rules.AddRange(view.Rules.Select(r => new Entry
        {
            Provider = r.Provider ?? "",
            Claim = r.Claim,
            Value = r.Value,
            Role = r.Role,
            Teams = [.. r.Teams],
        }));
        return form;
    }

    public SignInRulesChange ToChange() => new()
    {
        Version = _version,
        DefaultRole = DefaultRole,
        Rules = [.. Rules.Select(r => r.ToRule())],
    };

    public void Move(Entry entry, int by)
    {
        int from = Rules.IndexOf(entry);
        int to = Math.Clamp(from + by, 0, Rules.Count - 1);
        Rules.RemoveAt(from);
        Rules.Insert(to, entry);
    }

    public sealed class Entry
    {
        /// <summary>Empty for all providers.</summary>
        public string Provider { get; set; } = "";
        public string Claim { get; set; } = "groups";
        public string Value { get; set; } = "";
        public string Role { get; set; } = ConsoleRoles.Viewer;

        /// <summary>Ids of the only teams whose operator it makes; empty for the whole gateway.</summary>
        public HashSet<string> Teams { get; init; } = [];

        public bool HasTeams => Role == ConsoleRoles.Operator;

        public bool Choose(string team, bool chosen) => chosen ? Teams.Add(team) : Teams.Remove(team);

        public SignInRule ToRule() => new()
        {
            Provider = Provider.Length == 0 ? null : Provider,
            Claim = Claim,
            Value = Value,
            Role = Role,
            Teams = HasTeams ? [.. Teams] : [],
        };
    }
}
