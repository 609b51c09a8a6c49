using Gateway.Core.Accounting;

namespace Gateway.Core.Capabilities.Audio;

/// <summary>The sound.</summary>
/// <param name="MediaType">What it is; <c>audio/L16;rate=24000</c> is bare samples of 16 bits, little-endian, one channel.</param>
public sealed record SpeechAnswer(ReadOnlyMemory<byte> Sound, string MediaType, Usage Usage);
