using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Finds the variable that a deployment's secret is to be given as; no secret itself is kept.</summary>
/// <param name="p">The deployment's parameters, which are at <paramref name="at"/>.</param>
/// <param name="own">The provider's settings, for what is no secret of it.</param>
/// <param name="asides">What LiteLLM takes from its environment, in words.</param>
internal sealed class LiteLlmCredential(LiteLlmReport report, string at, JsonObject p, JsonObject own, List<string> asides)
{
    private static readonly string[] OfAws = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

    /// <summary>Whether a parameter of that name is a secret.</summary>
    public static bool IsSecret(string member) => member is "api_key" or "client_secret" or "azure_ad_token" or "vertex_credentials" || OfAws.Contains(member);

    /// <summary>Null when the deployment has no secret.</summary>
    public string? Read(LiteLlmProvider known, ProviderKind kind)
    {
        if (kind == ProviderKind.Bedrock && Text(p["api_key"]) is null)
        {
            return Aws(known);
        }
        string? variable = null;
        foreach (string member in p.Select(m => m.Key).Where(IsSecret))
        {
            if (Text(p[member]) is not { } given)
            {
                continue;
            }
            if (!(member == "api_key" || (member == "client_secret" && kind == ProviderKind.AzureOpenAI) || (member == "vertex_credentials" && kind == ProviderKind.Vertex)))
            {
                report.Unsupported($"{at}.{member}", kind == ProviderKind.Bedrock ? "The deployment's API key is taken." : "A provider of this kind has no such credential here (docs/providers.md).");
            }
            else if (member == "vertex_credentials" && !given.TrimStart().StartsWith('{') && LiteLlmEnvironment.NameOf(given) is null)
            {
                own["credentials_file"] = given;
                report.Mapped($"{at}.{member}", "The provider's setting credentials_file: a path on the gateway's machine.");
            }
            else if (variable is not null)
            {
                report.Unsupported($"{at}.{member}", $"The deployment's other secret, {variable}, is taken.");
            }
            else
            {
                variable = Variable(member, given, known);
            }
        }
        if (variable is null && kind == ProviderKind.Vertex && !own.ContainsKey("credentials_file"))
        {
            asides.Add("LiteLLM takes Google's application default credentials: give the provider a credential, or its setting credentials_file.");
        }
        return variable ?? Usual(known);
    }

    private string Aws(LiteLlmProvider known)
    {
        const string Form = "in the form access key id:secret access key";
        string? id = Text(p["aws_access_key_id"]);
        if (id is { Length: >= 16 } && id.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)))
        {
            own["access_key_id"] = id;
            report.Mapped($"{at}.aws_access_key_id", "The provider's setting access_key_id.");
        }
        string variable = "AWS_SECRET_ACCESS_KEY";
        if (Text(p["aws_secret_access_key"]) is { } secret)
        {
            variable = LiteLlmEnvironment.NameOf(secret) ?? Written(secret, known);
            if (!own.ContainsKey("access_key_id"))
            {
                report.Approximated($"{at}.aws_secret_access_key", $"Secret of the provider's credential: give {variable} {Form} when the draft is applied.");
            }
            Variable("aws_secret_access_key", secret, known);
        }
        else
        {
            asides.Add($"LiteLLM takes AWS's keys, or a role, from its environment: give {variable} {Form} when the draft is applied.");
        }
        report.Approximated($"{at}.aws_access_key_id", $"A part of the secret here: give {variable} {Form}.");
        report.Approximated($"{at}.aws_session_token", $"A part of the secret here: give {variable} {Form}:session token. It ends, so that keys which last, or a Bedrock API key, are better.");
        return variable;
    }

    private string Variable(string member, string given, LiteLlmProvider known)
    {
        if (LiteLlmEnvironment.NameOf(given) is { } name)
        {
            report.Mapped($"{at}.{member}", $"Secret of the provider's credential: give {name} when the draft is applied.");
            return name;
        }
        name = Written(given, known);
        report.Approximated($"{at}.{member}", $"A secret that stands in the file is not taken over: give it as {name} when the draft is applied.");
        return name;
    }

    // Tells two written secrets apart without telling anything of them.
    private static string Written(string secret, LiteLlmProvider known) =>
        SecretPlaceholders.VariableOf($"{known.Prefix}_{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("litellm import " + secret)))[..4]}_key");

    // Without one LiteLLM takes the vendor's usual variable.
    private static string? Usual(LiteLlmProvider known) => known.Prefix switch
    {
        "" or "openai" or "text-completion-openai" => "OPENAI_API_KEY",
        "cohere_chat" => "COHERE_API_KEY",
        "ollama" or "ollama_chat" or "vllm" or "hosted_vllm" or "lm_studio" or "llamafile" or "xinference" => null,
        "vertex_ai" or "vertex_ai_beta" => null,
        _ => $"{SecretPlaceholders.VariableOf(known.Prefix)}_API_KEY",
    };
}
