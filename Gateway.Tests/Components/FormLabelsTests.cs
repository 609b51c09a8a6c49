using Gateway.Core.Catalog;
using Gateway.Web.Components.Controls;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public class FormLabelsTests
{
    [Theory]
    [InlineData("description", "Description: x")]
    [InlineData("keys[a.b].allowed_networks[0]", "Allowed networks: x")]
    [InlineData("models[gpt-4.1].backends[1].weight", "Backend 2, Weight: x")]
    [InlineData("backends[0].weight", "Backend 1, Weight: x")]
    [InlineData("models[m].default_params.model", "Default parameters, model: x")]
    [InlineData("transforms.system_prompt_prefix", "System prompt prefix: x")]
    [InlineData("", "x")]
    [InlineData("form", "x")]
    [InlineData("models[m]", "Model m: x")]
    [InlineData("keys[3].default_provider", "Key 3, default provider: x")]
    [InlineData("routes[r].steps[0].model", "Route r, step 1, model: x")]
    [InlineData("providers[p].credentials[team-a]", "Provider p, credential team-a: x")]
    public void Say_APath_NamesTheFieldAsTheFormDoes(string path, string said)
    {
        var labels = new FormLabels();
        labels.Add("description", "Description");
        labels.Add("allowed_networks", "Allowed networks");
        labels.Add("backends.weight", "Weight");
        labels.Add("default_params", "Default parameters");
        labels.Add("transforms.system_prompt_prefix", "System prompt prefix");
        labels.Say(new CatalogError(path, "x")).ShouldBe(said);
    }
}
