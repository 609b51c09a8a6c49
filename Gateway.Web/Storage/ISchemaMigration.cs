namespace Gateway.Web.Storage;

/// <summary>Brings the database's schema up to date. Safe when several processes do it at once.</summary>
internal interface ISchemaMigration
{
    /// <summary>Applies what is missing; quick when nothing is.</summary>
    Task UpAsync(CancellationToken cancellationToken);
}
