using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A simulated provider with models, a route and a key, for whoever opens the gateway for the first time.</summary>
internal sealed class DemonstrationCatalog(
    ProviderAdministration providers, ModelAdministration models, RouteAdministration routes, KeyAdministration keys)
{
    public const string ChatModel = "sim-chat";
    public const string KeyName = "first-key";
    private const string FailingModel = "sim-failing";
    private const string Provider = "simulated";

    private static readonly (string Name, string Description)[] Models =
    [
        (ChatModel, "Answers in this process, at the pace of a hosted model."),
        ("sim-reasoning", "Thinks aloud first (reasoning_content), then answers."),
        ("sim-embedding", "Turns texts into vectors."),
        (FailingModel, "Always fails, to see how failures look and how routes get around them."),
    ];

    /// <returns>The key; null when something was there already.</returns>
    public async Task<IssuedKey?> CreateAsync(CancellationToken cancellationToken)
    {
        var provider = new ProviderChange { Name = Provider, Kind = ProviderKind.Simulated.ToName() };
        if (!(await providers.CreateAsync(provider, Actor.System, cancellationToken)).IsDone)
        {
            return null;
        }
        foreach ((string name, string description) in Models)
        {
            await models.CreateAsync(
                new ModelChange
                {
                    Name = name,
                    Description = description,
                    Backends = new BackendChange[] { new() { Provider = Provider } },
                },
                Actor.System,
                cancellationToken);
        }
        await routes.CreateAsync(
            new RouteChange
            {
                Name = "demo",
                Description = "Fails over: the first step always fails, the second answers.",
                Steps = new RouteStepView[] { new() { Model = FailingModel, Retries = 0 }, new() { Model = ChatModel } },
            },
            Actor.System,
            cancellationToken);
        AdministrationResult<IssuedKey> key = await keys.CreateAsync(new KeyChange { Name = KeyName }, Actor.System, cancellationToken);
        return key.Value;
    }
}
