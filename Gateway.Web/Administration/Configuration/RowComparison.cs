using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Gateway.Web.Administration.Configuration;

/// <summary>Rows field by field: the plain columns, without the lists below them and without the time of the last change.</summary>
internal static class RowComparison
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    public static IReadOnlyList<PropertyInfo> FieldsOf<T>() => Known.GetOrAdd(typeof(T), static type =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p =>
            p.CanWrite && p.Name != "UpdatedAt" && (p.PropertyType == typeof(string) || !typeof(System.Collections.IEnumerable).IsAssignableFrom(p.PropertyType))),
    ]);

    public static bool AreSame<T>(T a, T b) => FieldsOf<T>().All(p => AreSame(p, p.GetValue(a), p.GetValue(b)));

    /// <summary>Whether two values of a column mean the same: JSON by what it says, and an empty text as none.</summary>
    public static bool AreSame(PropertyInfo field, object? a, object? b)
    {
        if (Equals(a, b) || (field.PropertyType == typeof(string) && string.IsNullOrEmpty((string?)a) && string.IsNullOrEmpty((string?)b)))
        {
            return true;
        }
        return field.Name.EndsWith("Json", StringComparison.Ordinal) && a is string { Length: > 0 } x && b is string { Length: > 0 } y
            && JsonNode.DeepEquals(JsonNode.Parse(x), JsonNode.Parse(y));
    }
}
