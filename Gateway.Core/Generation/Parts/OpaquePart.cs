using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation.Parts;

/// <summary>What only one wire knows, such as a built-in tool's call and its result: written back there, reported as lost elsewhere.</summary>
/// <param name="Type">The wire's name for it, for example <c>web_search_call</c>.</param>
public sealed record OpaquePart(Wire Wire, string Type, JsonElement Json) : Part;
