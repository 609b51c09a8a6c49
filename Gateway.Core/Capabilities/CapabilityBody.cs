using System.Globalization;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Relay;
using Gateway.Core.Relay.Uploads;

namespace Gateway.Core.Capabilities;

/// <summary>The fields of a request, whether they came as JSON or as a form. Valid as long as the request's body is.</summary>
public sealed class CapabilityBody
{
    private readonly IReadOnlyList<FormPart> _parts = [];

    public CapabilityBody(JsonElement json) => Json = json;

    /// <exception cref="JsonException">The body is neither.</exception>
    public CapabilityBody(RequestEnvelope envelope)
    {
        if (envelope.Form is { } form)
        {
            _parts = FormPart.ReadAll(envelope.Body, form);
        }
        else
        {
            Json = JsonFields.Parse(envelope.Body.Span);
        }
    }

    /// <summary>Undefined where the request is a form.</summary>
    public JsonElement Json { get; }

    private bool IsForm => Json.ValueKind == JsonValueKind.Undefined;

    /// <summary>A field's text; null if it is not there, or empty.</summary>
    public string? Text(string name) =>
        (IsForm ? _parts.FirstOrDefault(p => p.Name == name && p.FileName is null)?.Text : Json.Text(name)) is { Length: > 0 } text ? text : null;

    public int? Whole(string name) => !IsForm ? Json.Whole32(name)
        : int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null;

    public double? Number(string name) => !IsForm ? Json.Number(name)
        : double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    public bool Flag(string name) => IsForm ? Text(name) is "true" or "True" or "1" : Json.Flag(name) ?? false;

    /// <summary>The files of a form's field; clients repeat the name, or write it with brackets.</summary>
    public IReadOnlyList<FormPart> Files(string name) => [.. _parts.Where(p => p.FileName is not null && p.Name.TrimEnd('[', ']') == name)];

    /// <summary>Names of the fields that are there and none of <paramref name="known"/>; the gateway's own are not among them.</summary>
    public IReadOnlyList<string> Others(params ReadOnlySpan<string> known)
    {
        if (!IsForm)
        {
            return OtherFields.Of(Json, known);
        }
        var others = new List<string>();
        foreach (FormPart part in _parts)
        {
            string name = part.Name.TrimEnd('[', ']');
            if (part.Content.Length > 0 && !known.Contains(name) && !OtherFields.IsOurs(name) && !others.Contains(name))
            {
                others.Add(name);
            }
        }
        return others;
    }
}
