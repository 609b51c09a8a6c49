namespace Gateway.Web.Administration;

internal static class CatalogLists
{
    /// <summary>The list with the entry of the same id replaced by <paramref name="entry"/>, or with it added.</summary>
    public static IReadOnlyList<T> With<T>(this IReadOnlyList<T> list, T entry, Func<T, string> id) =>
        [.. list.Where(e => id(e) != id(entry)), entry];

    public static IReadOnlyList<T> Without<T>(this IReadOnlyList<T> list, string id, Func<T, string> idOf) =>
        [.. list.Where(e => idOf(e) != id)];
}
