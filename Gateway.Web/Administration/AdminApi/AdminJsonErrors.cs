using System.Text.Json;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Turns the serializer's messages, which name .NET types, into ones for people who send JSON.</summary>
internal static class AdminJsonErrors
{
    public static string Describe(JsonException e)
    {
        string message = e.Message;
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            return "There is no such field.";
        }
        if (message.Contains("Duplicate property", StringComparison.OrdinalIgnoreCase))
        {
            return "The field is given twice.";
        }
        if (message.StartsWith("The JSON value could not be converted to ", StringComparison.Ordinal))
        {
            return "The value has the wrong type.";
        }
        // Everything else is either ours or the reader's, about the text itself.
        int end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
