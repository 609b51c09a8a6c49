using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation;

/// <summary>A piece of JSON as one wire has it.</summary>
/// <param name="Json">Owns its memory.</param>
public sealed record RawJson(Wire Wire, JsonElement Json);
