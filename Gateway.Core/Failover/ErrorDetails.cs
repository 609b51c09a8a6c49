using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover;

/// <summary>The lists of details inside error bodies: of validators (FastAPI, which Mistral and vLLM use) and of Google.</summary>
internal static class ErrorDetails
{
    private const int MostExtra = 4096;

    /// <summary>A validator's first complaint: <c>{"msg","loc"}</c>; undefined if there is none.</summary>
    public static JsonElement First(JsonElement error)
    {
        JsonElement holder = error.Has("message", out JsonElement message) && message.ValueKind == JsonValueKind.Object ? message : error;
        return holder.Items("detail").Concat(holder.Items("errors")).FirstOrDefault(d => d.ValueKind == JsonValueKind.Object);
    }

    public static string? MessageOf(JsonElement detail) => detail.Text("msg") ?? detail.Text("message");

    /// <summary>The field at fault, without the word for the request's body before it.</summary>
    public static string? FieldOf(JsonElement detail)
    {
        string path = string.Join('.', detail.Items("loc")
            .Select(l => l.ValueKind == JsonValueKind.String ? l.GetString()! : l.GetRawText())
            .Where(l => l != "body"));
        return path.Length == 0 ? null : path;
    }

    /// <summary>
    /// What clients of the upstream's wire decide by. Of Google's list only what is about the request and its limits: the rest names
    /// the operator's account.
    /// </summary>
    public static ErrorExtra? ExtraOf(JsonElement error)
    {
        if (error.Has(ErrorExtra.InnerError, out JsonElement inner) && inner.ValueKind == JsonValueKind.Object)
        {
            return Kept(ErrorExtra.InnerError, inner.GetRawText());
        }
        if (!error.Has(ErrorExtra.Details, out JsonElement details))
        {
            return null;
        }
        return details.ValueKind switch
        {
            JsonValueKind.Object => Kept(ErrorExtra.Details, details.GetRawText()),
            JsonValueKind.Array when details.EnumerateArray().Where(IsOfTheRequest).Select(d => d.GetRawText()).ToArray() is { Length: > 0 } kept =>
                Kept(ErrorExtra.Details, $"[{string.Join(',', kept)}]"),
            _ => null,
        };
    }

    private static bool IsOfTheRequest(JsonElement detail) =>
        detail.Text("@type") is { } type && (type.EndsWith("google.rpc.BadRequest", StringComparison.Ordinal) || type.EndsWith("google.rpc.QuotaFailure", StringComparison.Ordinal));

    private static ErrorExtra? Kept(string name, string json) => json.Length <= MostExtra ? new ErrorExtra(name, JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(json))) : null;

    /// <summary>One of the typed details of google.rpc (error_details.proto); undefined if it is not there.</summary>
    public static JsonElement Google(JsonElement error, string type) =>
        error.Items("details").FirstOrDefault(d => d.Text("@type")?.EndsWith(type, StringComparison.Ordinal) ?? false);
}
