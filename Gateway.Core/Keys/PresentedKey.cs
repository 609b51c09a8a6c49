namespace Gateway.Core.Keys;

/// <summary>
/// A key as a client sent it, and its hashes, which are made when somebody asks for them and kept: what a client presents with one
/// request it presents with the next, and hashing costs more than all else that finds out who is calling. Safe for concurrent use.
/// </summary>
public sealed class PresentedKey(string text)
{
    // Each written as a whole, and the same whoever makes it.
    private Digest? _hash;
    private Digest? _underSecret;

    /// <summary>The key itself: a secret, which no log and no error may show.</summary>
    public string Text => text;

    /// <summary>As <see cref="KeyHash.OfKey"/>.</summary>
    public KeyHash Hash => (_hash ??= new Digest(KeyHash.OfKey(text), [])).Value;

    /// <summary>As <see cref="KeyHash.Under"/>.</summary>
    public KeyHash Under(byte[] secret)
    {
        Digest? digest = _underSecret;
        if (digest is null || digest.Secret != secret)
        {
            _underSecret = digest = new Digest(Hash.Under(secret), secret);
        }
        return digest.Value;
    }

    private sealed class Digest(KeyHash value, byte[] secret)
    {
        public KeyHash Value => value;

        public byte[] Secret => secret;
    }
}
