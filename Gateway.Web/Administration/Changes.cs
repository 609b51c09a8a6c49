using System.Reflection;

namespace Gateway.Web.Administration;

/// <summary>Takes out of a change what it does not change.</summary>
internal static class Changes
{
    /// <summary>
    /// Leaves out the fields that are as they were when the form was filled. Somebody else may have changed them meanwhile, and what they set stays.
    /// </summary>
    /// <param name="loaded">What the form says before anything is entered; null leaves everything in.</param>
    public static T Since<T>(this T change, T? loaded)
        where T : class
    {
        if (loaded is null)
        {
            return change;
        }
        foreach (PropertyInfo field in typeof(T).GetProperties().Where(p => p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(Optional<>)))
        {
            // As JSON, since lists are equal when what they hold is.
            if (Text(field, change) == Text(field, loaded))
            {
                field.SetValue(change, Activator.CreateInstance(field.PropertyType));
            }
        }
        return change;
    }

    private static string? Text(PropertyInfo field, object of)
    {
        object value = field.GetValue(of)!;
        bool given = (bool)field.PropertyType.GetProperty(nameof(Optional<int>.HasValue))!.GetValue(value)!;
        return given ? AdministrationJson.Serialize(value) : null;
    }
}
