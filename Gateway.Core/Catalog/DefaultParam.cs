namespace Gateway.Core.Catalog;

/// <summary>One default: its name and its value as JSON in UTF-8.</summary>
public readonly record struct DefaultParam(byte[] Name, byte[] ValueJson);
