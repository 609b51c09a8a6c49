namespace Gateway.Core.Relay.Uploads;

/// <summary>What the splicer needs to know of a <c>multipart/form-data</c> body besides its fields.</summary>
/// <param name="ContentType">The client's header, boundary and all: it goes upstream as it came.</param>
/// <param name="Boundary">Without the dashes before it.</param>
/// <param name="FirstPart">Where the first delimiter begins in the body.</param>
public sealed record MultipartForm(string ContentType, byte[] Boundary, int FirstPart);
