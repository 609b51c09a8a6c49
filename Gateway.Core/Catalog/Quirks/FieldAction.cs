namespace Gateway.Core.Catalog.Quirks;

/// <summary>What becomes of a request field that an upstream does not take.</summary>
public enum FieldAction
{
    /// <summary>Left out: the answer means the same without it.</summary>
    Remove,

    /// <summary>Left out where its value asks for nothing (null, 0, false, {}, []); any other is the upstream's to refuse, so that the client learns of it.</summary>
    RemoveNeutral,

    /// <summary>Left out where its value is true.</summary>
    RemoveTrue,

    /// <summary>Sent under another name; left out where that is there already.</summary>
    Rename,
}
