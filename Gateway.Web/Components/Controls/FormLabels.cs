using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Controls;

/// <summary>What the fields of a form are called: what is wrong with one is said under the name that stands over it, and not under its path in files.</summary>
public sealed partial class FormLabels
{
    private static readonly HashSet<string> Lists = ["providers", "models", "routes", "keys", "teams", "budgets", "limits", "prices"];

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <param name="name">As the admin API calls it, within a list of the entry behind the list's name: <c>backends.weight</c>.</param>
    /// <param name="label">What stands over it.</param>
    public void Add(string name, string label) => _labels[name] = label;

    /// <summary>What is wrong, and with what. What is no field of the form is named in words.</summary>
    internal string Say(CatalogError error)
    {
        (string Name, string Place)[] parts = [.. Parts().Matches(error.Path).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];
        if (parts.Length > 1 && Lists.Contains(parts[0].Name) && IsKnown(parts[1..]))
        {
            parts = parts[1..];
        }
        else if (!error.Path.Contains('[') && !IsKnown(parts))
        {
            return error.Message;
        }
        var words = new List<string>();
        for (int i = 0; i < parts.Length; i++)
        {
            (string name, string place) = parts[i];
            string path = PathOf(parts[..(i + 1)]);
            if (_labels.TryGetValue(path, out string? label))
            {
                words.Add(label);
            }
            else if (place.Length > 0)
            {
                // Of a list within the entry it is a place, from 0.
                string which = !Lists.Contains(name) && int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? (index + 1).ToString(CultureInfo.InvariantCulture) : place;
                words.Add($"{Plain(name).TrimEnd('s')} {which}");
            }
            else if (i == parts.Length - 1)
            {
                words.Add(Plain(name));
            }
        }
        string where = string.Join(", ", words);
        return $"{char.ToUpperInvariant(where[0])}{where[1..]}: {error.Message}";
    }

    private bool IsKnown((string Name, string Place)[] parts)
    {
        string path = PathOf(parts);
        return _labels.Keys.Any(k => path == k || path.StartsWith(k + ".", StringComparison.Ordinal) || k.StartsWith(path + ".", StringComparison.Ordinal));
    }

    private static string PathOf((string Name, string Place)[] parts) => string.Join('.', parts.Select(p => p.Name));

    private static string Plain(string name) => name.Replace('_', ' ');

    [GeneratedRegex(@"([^.\[\]]+)(?:\[([^\]]*)\])?")]
    private static partial Regex Parts();
}
