namespace Gateway.Core.Generation.StoredResponses;

/// <summary>The store of answers is out of reach; the message is for the log.</summary>
public sealed class ResponseStoreException(string message, Exception? cause = null) : Exception(message, cause);
