namespace Gateway.E2E.Hosting.Stories;

/// <summary>A call of the function <c>weather</c>.</summary>
public sealed record StoryCall(string Id, string Arguments);
