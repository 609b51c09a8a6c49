using System.Text;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration;

/// <summary>The variables that stand for the secrets of a catalog where it is written down.</summary>
internal sealed class SecretPlaceholders
{
    private readonly Dictionary<string, string> _byId = new(StringComparer.Ordinal);
    private readonly List<SecretVariable> _all = [];

    public SecretPlaceholders(CatalogDefinition catalog)
    {
        foreach (ProviderDefinition provider in catalog.Providers.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            foreach (CredentialDefinition credential in provider.Credentials)
            {
                Add(credential.Id, $"{provider.Name}_{credential.Label}", $"credential \"{credential.Label}\" of provider \"{provider.Name}\"");
            }
        }
        foreach (ApiKeyDefinition key in catalog.Keys.Where(k => k.OperatorChosen).OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            Add(key.Id, $"{key.Name}_key", $"key \"{key.Name}\"");
        }
    }

    /// <summary>Ordered by what they are for.</summary>
    public IReadOnlyList<SecretVariable> All => _all;

    public string Of(CredentialDefinition credential) => Text(_byId[credential.Id]);

    public string Of(ApiKeyDefinition key) => Text(_byId[key.Id]);

    public static string Text(string variable) => $"${{{variable}}}";

    private void Add(string id, string name, string what)
    {
        string variable = VariableOf(name);
        string unique = variable;
        for (int i = 2; _all.Any(v => v.Name == unique); i++)
        {
            unique = $"{variable}_{i}";
        }
        _byId[id] = unique;
        _all.Add(new SecretVariable(unique, what));
    }

    /// <summary>The text in the letters of an environment variable.</summary>
    public static string VariableOf(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_');
        }
        return name.Length == 0 || char.IsAsciiDigit(name[0]) ? $"_{name}" : name.ToString();
    }
}

/// <summary>A variable that must be set where an exported configuration is to work.</summary>
/// <param name="For">What it is the secret of, in words.</param>
public sealed record SecretVariable(string Name, string For);
