namespace Gateway.Web.Components.Controls;

/// <summary>One way to call the gateway, ready to paste.</summary>
public sealed record Snippet(string Title, string Code)
{
    /// <summary>curl and the OpenAI SDKs, with everything filled in.</summary>
    /// <param name="baseUrl">Of the gateway, without a trailing slash and without <c>/v1</c>.</param>
    /// <param name="key">The key, or what stands for it.</param>
    public static IReadOnlyList<Snippet> All(string baseUrl, string key, string model) =>
    [
        new("curl", $$"""
            curl {{baseUrl}}/v1/chat/completions \
              -H "Authorization: Bearer {{key}}" \
              -H "Content-Type: application/json" \
              -d '{"model": "{{model}}", "messages": [{"role": "user", "content": "Hello"}]}'
            """),
        new("Python", $"""
            from openai import OpenAI

            client = OpenAI(base_url="{baseUrl}/v1", api_key="{key}")
            answer = client.chat.completions.create(
                model="{model}",
                messages=[dict(role="user", content="Hello")],
            )
            print(answer.choices[0].message.content)
            """),
        new("TypeScript", $$"""
            import OpenAI from 'openai';

            const client = new OpenAI({ baseURL: '{{baseUrl}}/v1', apiKey: '{{key}}' });
            const answer = await client.chat.completions.create({
              model: '{{model}}',
              messages: [{ role: 'user', content: 'Hello' }],
            });
            console.log(answer.choices[0].message.content);
            """),
        new("C#", $$"""
            using System.ClientModel;
            using OpenAI;
            using OpenAI.Chat;

            ChatClient client = new(
                "{{model}}",
                new ApiKeyCredential("{{key}}"),
                new OpenAIClientOptions { Endpoint = new Uri("{{baseUrl}}/v1") });
            ChatCompletion answer = await client.CompleteChatAsync("Hello");
            Console.WriteLine(answer.Content[0].Text);
            """),
    ];
}
