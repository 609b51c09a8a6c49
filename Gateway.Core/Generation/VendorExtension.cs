using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation;

/// <summary>A field that only one wire knows.</summary>
/// <param name="Name">As it stands at the top of the request or answer, for example <c>logit_bias</c>.</param>
public sealed record VendorExtension(Wire Wire, string Name, JsonElement Value);
