using System.Data.Common;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Storage;

/// <summary>Lets something happen when a transaction of a SQLite database is about to be committed.</summary>
internal sealed class AtCommit(Action happens) : DbTransactionInterceptor
{
    public void Watch(IServiceCollection services) => services.ConfigureDbContext<SqliteGatewayDbContext>(o => o.AddInterceptors(this));

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        happens();
        return ValueTask.FromResult(result);
    }
}
