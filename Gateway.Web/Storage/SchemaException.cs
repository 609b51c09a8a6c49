using System.Data.Common;

namespace Gateway.Web.Storage;

/// <summary>The database is there, but its schema is not the one that is needed.</summary>
internal sealed class SchemaException(string message) : DbException(message);
