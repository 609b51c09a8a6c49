using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Configuration;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.SignIn;

/// <summary>
/// Who gets which role. A change is in force on this node at once and on others within two seconds, for open sessions too:
/// every request and every few seconds each open page asks here again.
/// </summary>
internal sealed class SignInRulesAdministration(
    AdministrationDatabase database, SignInSettings settings, CatalogSources sources, TimeProvider time)
{
    private const string Kind = "sign-in-rules";
    private const string Name = "console";
    private const int MaxRules = 200;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);
    private static readonly Stored Nothing = new([], null, "");

    private Known? _known;

    public async Task<SignInRulesView> ReadAsync(CancellationToken cancellationToken) => View(await CurrentAsync(cancellationToken));

    /// <summary>The rules in force, at most two seconds old; older ones while the database is away.</summary>
    public async ValueTask<SignInRuleSet> CurrentAsync(CancellationToken cancellationToken)
    {
        Known? known = Volatile.Read(ref _known);
        DateTimeOffset now = time.GetUtcNow();
        if (known is not null && now - known.At < Freshness)
        {
            return known.Rules;
        }
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            DocumentRow? row = await context.Documents.AsNoTracking().FirstOrDefaultAsync(d => d.Kind == Kind && d.Owner == "" && d.Name == Name, cancellationToken);
            known = new Known(Join(Parse(row)), now);
        }
        catch (Exception e) when (known is not null && DatabaseErrors.IsFromDatabase(e))
        {
            // What is known goes on holding; an outage is no reason to sign everybody out.
            known = known with { At = now };
        }
        Volatile.Write(ref _known, known);
        return known.Rules;
    }

    /// <summary>The role of somebody by the rules in force.</summary>
    public async ValueTask<SignInDecision> DecideAsync(SignInPerson person, CancellationToken cancellationToken) =>
        (await CurrentAsync(cancellationToken)).Decide(person, TeamIds);

    /// <summary>Replaces the console's own rules.</summary>
    /// <param name="editor">Who asks, when a provider says who that is: a change that would take the administrator's role from them is refused.</param>
    public async Task<AdministrationResult<SignInRulesView>> SaveAsync(
        SignInRulesChange change, Actor actor, SignInPerson? editor, CancellationToken cancellationToken)
    {
        var errors = new List<CatalogError>();
        IReadOnlyList<SignInRule> rules = Checked(change, errors);
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            DocumentRow? row = await context.Documents.FirstOrDefaultAsync(d => d.Kind == Kind && d.Owner == "" && d.Name == Name, cancellationToken);
            SignInRuleSet before = Join(Parse(row));
            if (change.Version is not null && change.Version != before.Version)
            {
                return new AdministrationFailure(AdministrationOutcome.Conflict, [new("version", "Somebody else changed the rules meanwhile. Look at them as they are now, and make your change again.")]);
            }
            DateTimeOffset now = time.GetUtcNow();
            var stored = new Stored(rules, before.DefaultIsDeclared ? null : change.DefaultRole ?? before.DefaultRole, Guid.CreateVersion7(now).ToString("N"));
            SignInRuleSet after = Join(stored);
            if (editor is not null && errors.Count == 0 && after.Decide(editor, TeamIds).Role != ConsoleRoles.Administrator)
            {
                errors.Add(new("", "With these rules you would not be an administrator any more, so they were not saved. Keep a rule before the others that makes you one."));
            }
            if (errors.Count > 0)
            {
                return AdministrationFailure.Invalid(errors);
            }
            if (row is null)
            {
                row = new DocumentRow { Id = Guid.CreateVersion7(now).ToString("N"), Kind = Kind, Owner = "", Name = Name, BodyJson = "", CreatedAt = now };
                context.Documents.Add(row);
            }
            row.BodyJson = AdministrationJson.Serialize(stored);
            row.UpdatedAt = now;
            SignInRulesView view = View(after);
            context.Audit.Add(AuditLog.NewRow(actor, new AuditNote("sign-in-rules.update", row.Id, "Sign-in rules", View(before), view), now));
            await context.SaveChangesAsync(cancellationToken);
            Volatile.Write(ref _known, new Known(after, now));
            return view;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.UnavailableBecause(e);
        }
    }

    /// <summary>What the rules in force make of claims that somebody pasted.</summary>
    public async Task<AdministrationResult<SignInPreviewView>> PreviewAsync(SignInPreview preview, CancellationToken cancellationToken)
    {
        if (settings.Find(preview.Provider) is not { } provider)
        {
            return AdministrationFailure.Invalid("provider", settings.Providers.Count == 0
                ? "No provider is configured." : $"One of {string.Join(", ", settings.Providers.Select(p => p.Name))}.");
        }
        if (preview.Claims.ValueKind != JsonValueKind.Object)
        {
            return AdministrationFailure.Invalid("claims", "A JSON object is expected, as in an id token.");
        }
        var person = SignInPerson.From(provider, SignInPerson.ClaimsOf(preview.Claims));
        return Preview(person, await CurrentAsync(cancellationToken));
    }

    /// <summary>What rules make of somebody who is there.</summary>
    public SignInPreviewView Preview(SignInPerson person, SignInRuleSet rules)
    {
        SignInDecision decision = rules.Decide(person, TeamIds);
        var notes = new List<string>();
        if (person.Values("unverified_email").Any())
        {
            notes.Add("The provider does not say that the e-mail address is verified, so rules on email and domain do not see it.");
        }
        if (person.LacksGroups)
        {
            notes.Add("There are more groups than fit into the token, so it holds none. Assign groups to the application, or use roles of the application.");
        }
        return new SignInPreviewView(
            decision.Role, [.. decision.Teams.Select(NameOfTeam)], decision.Rule is { } i ? rules.Rules[i] : null, decision.Rule + 1, notes);
    }

    /// <summary>A team's name; the id where it is gone.</summary>
    public string NameOfTeam(string id) => Teams().FirstOrDefault(t => t.Id == id)?.Name ?? id;

    private List<SignInRule> Checked(SignInRulesChange change, List<CatalogError> errors)
    {
        IReadOnlyList<SignInRule?>? all = change.Rules;
        if (all is null || all.Count > MaxRules)
        {
            errors.Add(new("rules", all is null ? "A list of rules is expected; [] for none." : $"At most {MaxRules} rules."));
        }
        if (change.DefaultRole is not (null or ConsoleRoles.None or ConsoleRoles.Viewer))
        {
            errors.Add(new("default_role", $"One of {ConsoleRoles.None}, {ConsoleRoles.Viewer}."));
        }
        if (settings.DefaultRole is { } declared && change.DefaultRole is { } wanted && wanted != declared)
        {
            errors.Add(new("default_role", $"{SignInSettings.Section}:DefaultRole sets it; change it there."));
        }
        var rules = new List<SignInRule>();
        foreach ((int i, SignInRule? given) in (all ?? []).Index())
        {
            if (given is null)
            {
                errors.Add(new($"rules[{i}]", "A rule is expected."));
                continue;
            }
            SignInRule rule = given with { Claim = given.Claim?.Trim() ?? "", Value = given.Value?.Trim() ?? "", Provider = string.IsNullOrWhiteSpace(given.Provider) ? null : given.Provider, Teams = given.Teams ?? [] };
            errors.AddRange(rule.Errors($"rules[{i}]"));
            if (rule.Provider is not null && settings.Find(rule.Provider) is null)
            {
                errors.Add(new($"rules[{i}].provider", $"There is no provider \"{rule.Provider}\"."));
            }
            foreach (string team in rule.Teams.Where(t => TeamIds([t]).Count == 0))
            {
                errors.Add(new($"rules[{i}].teams", $"There is no team \"{team}\"."));
            }
            rules.Add(rule with { Teams = TeamIds(rule.Teams) });
        }
        return rules;
    }

    private SignInRuleSet Join(Stored stored) => new(
        [.. settings.Rules, .. stored.Rules], settings.Rules.Count, settings.DefaultRole ?? stored.DefaultRole ?? ConsoleRoles.None, settings.DefaultRole is not null, stored.Version);

    private SignInRulesView View(SignInRuleSet set) => new()
    {
        Declared = [.. set.Rules.Take(set.Declared)],
        Rules = [.. set.Rules.Skip(set.Declared)],
        DefaultRole = set.DefaultRole,
        DefaultRoleDeclared = set.DefaultIsDeclared,
        Version = set.Version,
        Providers = [.. settings.Providers.Select(p => p.Name)],
    };

    private static Stored Parse(DocumentRow? row) => row is null ? Nothing : JsonSerializer.Deserialize<Stored>(row.BodyJson, AdministrationJson.Options) ?? Nothing;

    private IEnumerable<TeamDefinition> Teams() => sources.File.Teams.Concat(sources.Database.Definition.Teams);

    private IReadOnlyList<string> TeamIds(IReadOnlyList<string> given) =>
    [
        .. given.Select(g => (Teams().FirstOrDefault(t => t.Id == g) ?? Teams().FirstOrDefault(t => t.Name == g))?.Id).OfType<string>().Distinct(StringComparer.Ordinal),
    ];

    private sealed record Stored(IReadOnlyList<SignInRule> Rules, string? DefaultRole, string Version);

    private sealed record Known(SignInRuleSet Rules, DateTimeOffset At);
}
