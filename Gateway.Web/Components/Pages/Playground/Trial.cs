using Gateway.Core.Generation;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>One of the models side by side, and the conversation with it.</summary>
public sealed class Trial(string model) : IDisposable
{
    private CancellationTokenSource? _stop;

    public string Model { get; set; } = model;
    public List<ChatTurn> Turns { get; } = [];
    public bool Running => _stop is not null;

    /// <summary>The calls of tools that wait for their results; none otherwise.</summary>
    public IReadOnlyList<Gateway.Core.Generation.Parts.ToolCallPart> OpenCalls => !Running && Turns.Count > 0 && Turns[^1].Error is null ? Turns[^1].Calls : [];

    /// <summary>The conversation up to and with its last question. Questions that were not answered stay out, but for the last.</summary>
    public IReadOnlyList<Message> ToMessages()
    {
        List<Message> messages = [];
        for (int i = 0; i < Turns.Count; i++)
        {
            if (i == Turns.Count - 1)
            {
                messages.Add(Turns[i].ToMessage());
            }
            else if (Turns[i].Message is { Parts.Count: > 0 } answer)
            {
                messages.Add(Turns[i].ToMessage());
                messages.Add(answer);
            }
        }
        return messages;
    }

    public void Stop() => _stop?.Cancel();

    public async Task RunAsync(ChatTurn turn, Func<CancellationToken, Task> run)
    {
        using var stop = new CancellationTokenSource();
        _stop = stop;
        try
        {
            await run(stop.Token);
        }
        finally
        {
            _stop = null;
            turn.Running = false;
        }
    }

    public void Dispose() => Stop();
}
