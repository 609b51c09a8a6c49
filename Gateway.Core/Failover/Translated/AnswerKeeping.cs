using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Translated;

/// <summary>Keeps an answer of the Responses wire that no upstream keeps, for <c>previous_response_id</c>.</summary>
internal static class AnswerKeeping
{
    /// <param name="answer">The response object as the client gets it.</param>
    public static async ValueTask KeepAsync(Call call, Translation translation, ReadOnlyMemory<byte> answer)
    {
        if (translation.Client.Wire != Wire.OpenAIResponses || call.Store is not { Enabled: true } store || translation.Request.Store == false || call.Key is null)
        {
            return;
        }
        JsonElement json = JsonFields.Parse(answer.Span);
        if (json.Text("id") is not { } id)
        {
            return;
        }
        await store.SaveAsync(new StoredResponse
        {
            Id = id,
            KeyId = call.Key.Id,
            Model = call.Envelope.Model,
            CreatedAt = call.Record.StartedAt,
            Input = StoredConversation.InputOf(call.Envelope.Body),
            // The buffer that holds it goes back.
            Response = answer.ToArray(),
        });
    }

    /// <summary>The same for a stream: the answer is in the event that ends it.</summary>
    public static ValueTask KeepAsync(Call call, Translation translation, ReadOnlySpan<byte> ending)
    {
        if (translation.Client.Wire != Wire.OpenAIResponses)
        {
            return ValueTask.CompletedTask;
        }
        var framer = new SseFramer();
        while (framer.TryRead(ending, end: true, out SseFrame frame))
        {
            if (frame.HasData && frame.Data[0] == (byte)'{' && JsonFields.Parse(frame.Data).Has("response", out JsonElement response))
            {
                return KeepAsync(call, translation, System.Text.Encoding.UTF8.GetBytes(response.GetRawText()).AsMemory());
            }
            ending = ending[frame.Whole.Length..];
        }
        return ValueTask.CompletedTask;
    }
}
