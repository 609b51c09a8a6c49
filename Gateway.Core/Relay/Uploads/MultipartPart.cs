namespace Gateway.Core.Relay.Uploads;

/// <summary>One part of a form, as ranges of the body.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Content">Between the part's headers and the next delimiter.</param>
/// <param name="Whole">From the part's own delimiter up to the next one: what to leave out so that the part was never there.</param>
/// <param name="IsFile">It has a file name.</param>
/// <param name="Headers">Their lines, line ends included.</param>
internal readonly record struct MultipartPart(string Name, Slice Content, Slice Whole, bool IsFile, Slice Headers);
