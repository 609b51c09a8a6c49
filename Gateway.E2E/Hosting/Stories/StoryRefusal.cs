namespace Gateway.E2E.Hosting.Stories;

/// <summary>An error instead of an answer.</summary>
/// <param name="Type">In Anthropic's words.</param>
public sealed record StoryRefusal(int Status, string Type, string Message);
