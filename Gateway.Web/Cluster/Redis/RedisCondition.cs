namespace Gateway.Web.Cluster.Redis;

/// <summary>Of what use Redis is at the moment.</summary>
internal enum RedisCondition
{
    /// <summary>Not known yet: nobody has looked.</summary>
    Unknown,
    Up,

    /// <summary>Cannot be reached, does not answer, or refuses the sign-in.</summary>
    Away,

    /// <summary>A replica, or a server that was told not to write.</summary>
    ReadOnly,

    /// <summary>This user may not run scripts, or a proxy in between does not know them.</summary>
    RefusesScripts,

    /// <summary>Answers, but with errors: out of memory, loading, busy.</summary>
    Failing,
}
