using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Core.Guardrails;

/// <summary>Finds the texts in an answer, or in one event of a stream, as each wire has them. What a model calls tools with is no text.</summary>
internal static class AnswerText
{
    // Parts of a line: text, refusal, thoughts, and anything else, which only ends the text before it.
    private const int Text = 0;
    private const int Refusal = 1;
    private const int Thoughts = 2;
    private const int Other = 3;
    private const int Kinds = 4;

    // A line that no item has.
    private const int Beside = int.MaxValue;

    public static void Read(Operation operation, JsonElement answer, AnswerWatch watch)
    {
        switch (operation)
        {
            case Operation.Messages:
                ReadMessages(answer, watch);
                break;
            case Operation.Responses:
                ReadResponses(answer, watch);
                break;
            case Operation.GenerateContent:
                ReadGemini(answer, watch);
                break;
            default:
                ReadChoices(answer, watch);
                break;
        }
    }

    private static void ReadChoices(JsonElement answer, AnswerWatch watch)
    {
        foreach (JsonElement choice in answer.Items("choices"))
        {
            int line = choice.Whole32("index") ?? 0;
            Read(watch, line, Text, choice.Text("text"));
            if (choice.Has("delta", out JsonElement message) || choice.Has("message", out message))
            {
                Read(watch, line, Thoughts, message.Text("reasoning_content") ?? message.Text("reasoning"));
                Read(watch, line, Text, message.Text("content"));
                foreach (JsonElement part in message.Items("content"))
                {
                    Read(watch, line, Text, part.Text("text"));
                }
                Read(watch, line, Refusal, message.Text("refusal"));
                if (message.Items("tool_calls").Any())
                {
                    watch.Read(line, Other, default);
                }
            }
            if (choice.Text("finish_reason") is not null)
            {
                watch.End(line);
            }
        }
    }

    private static void ReadMessages(JsonElement answer, AnswerWatch watch)
    {
        int index = answer.Whole32("index") ?? 0;
        switch (answer.Text("type"))
        {
            case "content_block_start" when answer.Has("content_block", out JsonElement block):
                ReadBlock(block, index, watch);
                break;
            case "content_block_delta" when answer.Has("delta", out JsonElement delta):
                ReadBlock(delta, index, watch);
                break;
            case "content_block_stop":
                watch.End(0);
                break;
            default:
                int next = 0;
                foreach (JsonElement block in answer.Items("content"))
                {
                    ReadBlock(block, next++, watch);
                }
                break;
        }
    }

    private static void ReadBlock(JsonElement block, int index, AnswerWatch watch) =>
        watch.Read(0, index, block.Text("text") ?? block.Text("thinking"));

    private static void ReadResponses(JsonElement answer, AnswerWatch watch)
    {
        string? type = answer.Text("type");
        int line = answer.Whole32("output_index") ?? 0;
        if (type is "response.output_text.delta" or "response.refusal.delta" or "response.reasoning_summary_text.delta" or "response.reasoning_text.delta")
        {
            int part = ((answer.Whole32("content_index") ?? answer.Whole32("summary_index") ?? 0) * Kinds) + type[9..] switch
            {
                "output_text.delta" => Text,
                "refusal.delta" => Refusal,
                _ => Thoughts,
            };
            Read(watch, line, part, answer.Text("delta"));
            return;
        }
        if (type is null)
        {
            // A whole answer.
            ReadItems(answer, watch);
        }
        else if (type.EndsWith(".done", StringComparison.Ordinal) || (type.StartsWith("response.", StringComparison.Ordinal) && answer.Has("response", out _)))
        {
            watch.End(line);
            // Some servers send what is whole without having sent its pieces; read beside what was read already.
            Read(watch, Beside, Text, answer.Text("text") ?? answer.Text("refusal"));
            Read(watch, Beside, Other, answer.Has("part", out JsonElement part) ? part.Text("text") ?? part.Text("refusal") : null);
            watch.End(Beside);
            if (answer.Has("item", out JsonElement item))
            {
                ReadItem(item, ~line, watch);
            }
            else if (type is "response.completed" or "response.incomplete" && answer.Has("response", out JsonElement response))
            {
                ReadItems(response, watch);
            }
        }
    }

    private static void ReadItems(JsonElement response, AnswerWatch watch)
    {
        int line = 0;
        foreach (JsonElement item in response.Items("output"))
        {
            ReadItem(item, ~line++, watch);
        }
    }

    private static void ReadItem(JsonElement item, int line, AnswerWatch watch)
    {
        int part = 0;
        foreach (JsonElement content in item.Items("content").Concat(item.Items("summary")))
        {
            Read(watch, line, part++, content.Text("text") ?? content.Text("refusal"));
        }
        watch.End(line);
    }

    private static void ReadGemini(JsonElement answer, AnswerWatch watch)
    {
        foreach (JsonElement candidate in answer.Items("candidates"))
        {
            int line = candidate.Whole32("index") ?? 0;
            if (candidate.Has("content", out JsonElement content))
            {
                foreach (JsonElement part in content.Items("parts"))
                {
                    int kind = part.Text("text") is null ? Other : part.Flag("thought") == true ? Thoughts : Text;
                    watch.Read(line, kind, part.Text("text"));
                }
            }
            if (candidate.Text("finishReason") is not null)
            {
                watch.End(line);
            }
        }
    }

    // A field that is there and empty is no turn to another part: Chat's first chunk has several.
    private static void Read(AnswerWatch watch, int line, int part, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            watch.Read(line, part, text);
        }
    }
}
