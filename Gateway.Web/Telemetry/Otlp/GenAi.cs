using Gateway.Core.Catalog;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>What OpenTelemetry's conventions for generative AI call things. They are still in development; nothing else here knows them.</summary>
internal static class GenAi
{
    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";

    /// <summary>Theirs where they have a name for it, else the gateway's own.</summary>
    public static string NameOf(Operation operation) => operation switch
    {
        Operation.ChatCompletions or Operation.Responses or Operation.Messages or Operation.Converse or Operation.CohereChat => "chat",
        Operation.Completions => "text_completion",
        Operation.GenerateContent => "generate_content",
        Operation.Embeddings or Operation.EmbedContent or Operation.BatchEmbedContents or Operation.CohereEmbed => "embeddings",
        _ => operation.ToName(),
    };

    /// <summary>Theirs where they have a name for it, else the gateway's own.</summary>
    public static string NameOf(ProviderKind kind) => kind switch
    {
        ProviderKind.AzureOpenAI => "azure.ai.openai",
        ProviderKind.Gemini => "gcp.gemini",
        ProviderKind.Vertex => "gcp.vertex_ai",
        ProviderKind.Bedrock => "aws.bedrock",
        _ => kind.ToName(),
    };
}
