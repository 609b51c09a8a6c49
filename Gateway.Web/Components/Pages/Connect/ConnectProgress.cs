using Gateway.Core;
using Gateway.Core.Accounting;

namespace Gateway.Web.Components.Pages.Connect;

/// <summary>What a new client has shown to work so far, judged by the calls that arrive.</summary>
public sealed class ConnectProgress
{
    private static readonly string Unauthenticated = GatewayErrorKind.Unauthenticated.ToName();

    public ConnectCheck Authentication { get; } = new("Authentication", "Waiting for a call with a key.");
    public ConnectCheck Model { get; } = new("Model", "Waiting for an answer.");
    public ConnectCheck Streaming { get; } = new("Streaming", "Waiting for a streamed answer. Not every client streams.");
    public ConnectCheck Tools { get; } = new("Tools", "Waiting for an answer that calls a tool. Not every client has any.");

    public IReadOnlyList<ConnectCheck> All => [Authentication, Model, Streaming, Tools];

    /// <summary>Takes a finished call.</summary>
    /// <param name="keyId">Of the key that the client was given; null takes any key.</param>
    public void Take(UsageRecord record, string? keyId)
    {
        if (record.ErrorKind == Unauthenticated)
        {
            if (keyId is null)
            {
                Authentication.Fail(record, "A call arrived whose key is not known. Was it copied whole?");
            }
            else
            {
                // Nothing tells whose it was.
                Authentication.Hint("A call arrived whose key is not known. If this client sent it, its key was not copied whole; else wait on.");
            }
            return;
        }
        if (record.KeyId is null || (keyId is not null && record.KeyId != keyId))
        {
            return;
        }
        Authentication.Pass(record, record.KeyName is null ? "A key was accepted." : $"The key {record.KeyName} was accepted.");
        if (record.ErrorKind is not null)
        {
            Model.Fail(record, record.ErrorMessage ?? record.ErrorKind);
            return;
        }
        if (record.Model is null)
        {
            return;
        }
        Model.Pass(record, record.RequestedModel == record.Model ? $"{record.Model} answered." : $"{record.Model} answered for {record.RequestedModel}.");
        if (record.Streamed)
        {
            Streaming.Pass(record, "A stream arrived whole.");
        }
        if (record.FinishReason == "tool_calls")
        {
            Tools.Pass(record, "The model called a tool.");
        }
    }
}

/// <summary>One thing to see work.</summary>
public sealed class ConnectCheck(string name, string waiting)
{
    public string Name => name;

    /// <summary>Null while nothing has been seen of it.</summary>
    public bool? Passed { get; private set; }
    public string Text { get; private set; } = waiting;

    /// <summary>The call that showed it.</summary>
    public Guid? Call { get; private set; }

    public void Pass(UsageRecord record, string text) => (Passed, Text, Call) = (true, text, record.Id);

    /// <summary>Something was seen that may have nothing to do with it.</summary>
    public void Hint(string text) => Text = Passed is null ? text : Text;

    /// <summary>What has worked before is not taken back.</summary>
    public void Fail(UsageRecord record, string text)
    {
        if (Passed != true)
        {
            // Calls without a known key are in no list.
            (Passed, Text, Call) = (false, text, record.KeyId is null ? null : record.Id);
        }
    }
}
