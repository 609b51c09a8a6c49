namespace Gateway.Providers.OpenAI.Chat;

/// <summary>A tool call of a Chat stream while its arguments arrive.</summary>
/// <param name="Number">The server's <c>index</c>; null if it sends none.</param>
/// <param name="Id">Null if the server sends none.</param>
/// <param name="Part">The part's number in the choice.</param>
internal sealed record ChatCallDecoder(int? Number, string? Id, int Part);
