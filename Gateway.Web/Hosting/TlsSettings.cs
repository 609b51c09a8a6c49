namespace Gateway.Web.Hosting;

/// <summary>The port that is served by TLS, and the absolute paths of what it takes.</summary>
/// <param name="Certificate">PEM: the certificate, then those that lead to its root.</param>
/// <param name="Key">PEM; may be the same file.</param>
internal sealed record TlsSettings(int Port, string Certificate, string Key);
