namespace Gateway.Web.Configuration;

/// <summary>One layer of configuration whose values are put in from outside, whole.</summary>
internal sealed class ReplaceableProvider : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Replace(IDictionary<string, string?> values)
    {
        Data = values;
        OnReload();
    }
}
