using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads what a deployment says of its account beside address and secret.</summary>
/// <param name="p">The deployment's parameters, which are at <paramref name="at"/>.</param>
/// <param name="own">The provider's settings, which it fills.</param>
internal sealed class LiteLlmAccountSettings(LiteLlmReport report, LiteLlmEnvironment environment, JsonObject p, string at, JsonObject own)
{
    public void Read(ProviderKind kind, LiteLlmTarget target, LiteLlmAddress address, List<string> asides)
    {
        bool azure = kind == ProviderKind.AzureOpenAI;
        Optional("api_version", azure ? "api_version" : null);
        if (azure && address.ApiVersion is { } version && !own.ContainsKey("api_version"))
        {
            own["api_version"] = version;
        }
        Optional("organization", kind == ProviderKind.OpenAI ? "organization" : null);
        // Without either of them the secret of the app registration would be taken for an API key.
        Needed("tenant_id", azure ? "tenant_id" : null);
        Needed("client_id", azure ? "client_id" : null);
        Needed("vertex_project", kind == ProviderKind.Vertex ? "project" : null);
        Needed("vertex_location", kind == ProviderKind.Vertex ? "location" : null);
        Needed("aws_region_name", kind == ProviderKind.Bedrock ? "region" : null);
        if (target.Region is { } region && !own.ContainsKey("region"))
        {
            own["region"] = region;
        }
        switch (kind)
        {
            case ProviderKind.Vertex:
                Missing("project", "VERTEXAI_PROJECT", asides);
                Missing("location", "VERTEXAI_LOCATION", asides);
                break;
            case ProviderKind.Bedrock:
                Missing("region", "AWS_REGION_NAME", asides);
                break;
        }
        Time("timeout", "timeout_ms", "The provider's timeout for a whole attempt, and for the first content where there is no stream_timeout.");
        Time("stream_timeout", "first_byte_timeout_ms", "The provider's timeout for the first content, of streams and of other answers.", approximated: true);
    }

    // A value that the draft can do without is left out where it is not known.
    private void Optional(string member, string? ours)
    {
        if (Text(p[member]) is { } given && Fits(member, ours))
        {
            if (LiteLlmEnvironment.NameOf(given) is { } name)
            {
                report.Approximated($"{at}.{member}", $"A value from a variable is not known here: enter that of {name} as the provider's setting {ours}.");
            }
            else
            {
                own[ours!] = given;
                report.Mapped($"{at}.{member}", $"The provider's setting {ours}.");
            }
        }
    }

    private void Needed(string member, string? ours)
    {
        if (Text(p[member]) is { } given && Fits(member, ours))
        {
            string value = environment.Open(given);
            own[ours!] = value;
            if (LiteLlmEnvironment.IsOpen(value))
            {
                report.Approximated($"{at}.{member}", $"A value from a variable is not known here: write it where the draft has {value}, as the provider's setting {ours}.");
            }
            else
            {
                report.Mapped($"{at}.{member}", $"The provider's setting {ours}.");
            }
        }
    }

    private bool Fits(string member, string? ours)
    {
        if (ours is null)
        {
            report.Unsupported($"{at}.{member}", "A provider of this kind has no such setting here (docs/providers.md).");
        }
        return ours is not null;
    }

    private void Missing(string setting, string variable, List<string> asides)
    {
        if (!own.ContainsKey(setting))
        {
            string value = environment.Value(variable);
            own[setting] = value;
            if (LiteLlmEnvironment.IsOpen(value))
            {
                asides.Add($"LiteLLM takes the {setting} from its environment: write it where the draft has {value}.");
            }
        }
    }

    private void Time(string member, string ours, string note, bool approximated = false)
    {
        if (p[member] is null)
        {
            return;
        }
        if (Number(p[member]) is { } seconds && seconds > 0 && seconds <= 86_400)
        {
            own[ours] = LiteLlmSettings.Milliseconds(seconds);
            if (approximated)
            {
                report.Approximated($"{at}.{member}", note);
            }
            else
            {
                report.Mapped($"{at}.{member}", note);
            }
        }
        else
        {
            report.Unsupported($"{at}.{member}", "It is not a number of seconds up to a day.");
        }
    }
}
