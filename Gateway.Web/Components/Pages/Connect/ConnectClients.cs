using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Connect;

/// <summary>The only list of clients that the Connect page knows.</summary>
public static class ConnectClients
{
    private const string Sdks = "SDKs";
    private const string Frameworks = "Frameworks";
    private const string Tools = "Coding tools and chat";

    public static readonly IReadOnlyList<ConnectClient> All =
    [
        new("openai", "OpenAI SDK", Sdks, null, OpenAI),
        new("anthropic", "Anthropic SDK", Sdks, "Any model answers it, whoever made the model; what another vendor cannot carry is told in x-gateway-lossy.", Anthropic),
        new("gemini", "Gemini SDK", Sdks, "Any model answers it, whoever made the model.", Gemini),
        new("curl", "curl", Sdks, "Three calls that try a plain answer, a stream and a tool.", Curl),
        new("langchain", "LangChain", Frameworks, null, LangChain),
        new("vercel", "Vercel AI SDK", Frameworks, null, Vercel),
        new("claude-code", "Claude Code", Tools, "It calls a second, smaller model now and then; let the key use both.", ClaudeCode),
        new("codex", "Codex", Tools, "It speaks Responses.", Codex),
        new("cursor", "Cursor", Tools, "Cursor calls from its own servers: the gateway must be reachable from the internet, over HTTPS.", Cursor),
        new("open-webui", "Open WebUI", Tools, "It lists the models that the key may use.", OpenWebUI),
    ];

    /// <summary>The first where there is none of that id.</summary>
    public static ConnectClient Find(string? id) => All.FirstOrDefault(c => c.Id == id) ?? All[0];

    private static IReadOnlyList<Snippet> OpenAI(string url, string key, string model) =>
    [
        .. Snippet.All(url, key, model).Where(s => s.Title != "curl"),
        new("Go", $$"""
            client := openai.NewClient(
                option.WithBaseURL("{{url}}/v1"),
                option.WithAPIKey("{{key}}"),
            )
            answer, err := client.Chat.Completions.New(context.Background(), openai.ChatCompletionNewParams{
                Model:    "{{model}}",
                Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},
            })
            if err != nil {
                panic(err)
            }
            fmt.Println(answer.Choices[0].Message.Content)
            """),
    ];

    private static IReadOnlyList<Snippet> Anthropic(string url, string key, string model) =>
    [
        new("Python", $"""
            from anthropic import Anthropic

            client = Anthropic(base_url="{url}", api_key="{key}")
            message = client.messages.create(
                model="{model}",
                max_tokens=256,
                messages=[dict(role="user", content="Hello")],
            )
            print(message.content[0].text)
            """),
        new("TypeScript", $$"""
            import Anthropic from '@anthropic-ai/sdk';

            const client = new Anthropic({ baseURL: '{{url}}', apiKey: '{{key}}' });
            const message = await client.messages.create({
              model: '{{model}}',
              max_tokens: 256,
              messages: [{ role: 'user', content: 'Hello' }],
            });
            console.log(message.content);
            """),
        new("C#", $$"""
            using Anthropic;
            using Anthropic.Models.Messages;

            AnthropicClient client = new() { BaseUrl = "{{url}}", ApiKey = "{{key}}" };
            Message message = await client.Messages.Create(new MessageCreateParams
            {
                Model = "{{model}}",
                MaxTokens = 256,
                Messages = [new() { Role = Role.User, Content = "Hello" }],
            });
            Console.WriteLine(message);
            """),
        new("Go", $$"""
            client := anthropic.NewClient(
                option.WithBaseURL("{{url}}"),
                option.WithAPIKey("{{key}}"),
            )
            message, err := client.Messages.New(context.Background(), anthropic.MessageNewParams{
                Model:     "{{model}}",
                MaxTokens: 256,
                Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Hello"))},
            })
            if err != nil {
                panic(err)
            }
            fmt.Println(message.Content)
            """),
    ];

    private static IReadOnlyList<Snippet> Gemini(string url, string key, string model) =>
    [
        new("Python", $"""
            from google import genai
            from google.genai import types

            client = genai.Client(api_key="{key}", http_options=types.HttpOptions(base_url="{url}"))
            answer = client.models.generate_content(model="{model}", contents="Hello")
            print(answer.text)
            """),
        new("TypeScript", $$"""
            import { GoogleGenAI } from '@google/genai';

            const ai = new GoogleGenAI({ apiKey: '{{key}}', httpOptions: { baseUrl: '{{url}}' } });
            const answer = await ai.models.generateContent({ model: '{{model}}', contents: 'Hello' });
            console.log(answer.text);
            """),
        new("C#", $$"""
            using Google.GenAI;
            using Google.GenAI.Types;

            Client client = new(apiKey: "{{key}}", httpOptions: new HttpOptions { BaseUrl = "{{url}}" });
            GenerateContentResponse answer = await client.Models.GenerateContentAsync("{{model}}", "Hello");
            Console.WriteLine(answer.Candidates[0].Content.Parts[0].Text);
            """),
        new("Go", $$"""
            client, err := genai.NewClient(ctx, &genai.ClientConfig{
                APIKey:      "{{key}}",
                Backend:     genai.BackendGeminiAPI,
                HTTPOptions: genai.HTTPOptions{BaseURL: "{{url}}"},
            })
            if err != nil {
                panic(err)
            }
            answer, err := client.Models.GenerateContent(ctx, "{{model}}", genai.Text("Hello"), nil)
            if err != nil {
                panic(err)
            }
            fmt.Println(answer.Text())
            """),
    ];

    private static IReadOnlyList<Snippet> Curl(string url, string key, string model) =>
    [
        Snippet.All(url, key, model)[0] with { Title = "Plain" },
        new("Streamed", $$"""
            curl -N {{url}}/v1/chat/completions \
              -H "Authorization: Bearer {{key}}" \
              -H "Content-Type: application/json" \
              -d '{"model": "{{model}}", "stream": true, "messages": [{"role": "user", "content": "Count to five"}]}'
            """),
        new("With a tool", $$$"""
            curl {{{url}}}/v1/chat/completions \
              -H "Authorization: Bearer {{{key}}}" \
              -H "Content-Type: application/json" \
              -d '{"model": "{{{model}}}", "tool_choice": "required",
                   "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
                   "tools": [{"type": "function", "function": {"name": "weather",
                     "parameters": {"type": "object", "properties": {"city": {"type": "string"} } } } } ]}'
            """),
    ];

    private static IReadOnlyList<Snippet> LangChain(string url, string key, string model) =>
    [
        new("Python", $"""
            from langchain_openai import ChatOpenAI

            llm = ChatOpenAI(base_url="{url}/v1", api_key="{key}", model="{model}")
            print(llm.invoke("Hello").content)
            """),
        new("TypeScript", $$"""
            import { ChatOpenAI } from '@langchain/openai';

            const llm = new ChatOpenAI({ model: '{{model}}', apiKey: '{{key}}', configuration: { baseURL: '{{url}}/v1' } });
            console.log((await llm.invoke('Hello')).content);
            """),
    ];

    private static IReadOnlyList<Snippet> Vercel(string url, string key, string model) =>
    [
        new("TypeScript", $$"""
            import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
            import { generateText } from 'ai';

            const gateway = createOpenAICompatible({ name: 'gateway', baseURL: '{{url}}/v1', apiKey: '{{key}}' });
            const { text } = await generateText({ model: gateway('{{model}}'), prompt: 'Hello' });
            console.log(text);
            """),
    ];

    private static IReadOnlyList<Snippet> ClaudeCode(string url, string key, string model) =>
    [
        new("Shell", $"""
            export ANTHROPIC_BASE_URL="{url}"
            export ANTHROPIC_AUTH_TOKEN="{key}"
            export ANTHROPIC_MODEL="{model}"
            export ANTHROPIC_DEFAULT_HAIKU_MODEL="{model}"
            claude
            """),
        new("PowerShell", $"""
            $env:ANTHROPIC_BASE_URL = "{url}"
            $env:ANTHROPIC_AUTH_TOKEN = "{key}"
            $env:ANTHROPIC_MODEL = "{model}"
            $env:ANTHROPIC_DEFAULT_HAIKU_MODEL = "{model}"
            claude
            """),
    ];

    private static IReadOnlyList<Snippet> Codex(string url, string key, string model) =>
    [
        new("config.toml", $"""
            # ~/.codex/config.toml
            model = "{model}"
            model_provider = "gateway"

            [model_providers.gateway]
            name = "Gateway"
            base_url = "{url}/v1"
            env_key = "GATEWAY_API_KEY"
            wire_api = "responses"
            """),
        new("Shell", $"""
            export GATEWAY_API_KEY="{key}"
            codex
            """),
    ];

    private static IReadOnlyList<Snippet> Cursor(string url, string key, string model) =>
    [
        new("Settings", $"""
            Cursor Settings → Models → API Keys

            OpenAI API Key             {key}
            Override OpenAI Base URL   {url}/v1
            Add model                  {model}
            """),
    ];

    private static IReadOnlyList<Snippet> OpenWebUI(string url, string key, string model) =>
    [
        new("Docker", $"""
            docker run -d -p 3000:8080 \
              -e OPENAI_API_BASE_URL="{url}/v1" \
              -e OPENAI_API_KEY="{key}" \
              -e DEFAULT_MODELS="{model}" \
              -v open-webui:/app/backend/data \
              ghcr.io/open-webui/open-webui:main
            """),
        new("Settings", $"""
            Admin Panel → Settings → Connections → OpenAI API → +

            URL   {url}/v1
            Key   {key}
            """),
    ];
}
