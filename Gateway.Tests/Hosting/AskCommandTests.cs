using System.Net;
using System.Text;
using Gateway.Web.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public class AskCommandTests
{
    private static readonly AskOptions Question = AskOptions.Of(["--wake", "--key", "sk-1", "--model", "m", "--url", "http://gateway/base", "Why?"], _ => null)!;

    [Fact]
    public void Of_TheVariables_AreTheDefaults()
    {
        AskOptions options = AskOptions.Of(["Why?"], name => name switch { "GATEWAY_API_KEY" => "sk-env", "FRIENDLI_ENDPOINT_ID" => "dep-1", _ => null })!;

        options.ShouldBe(new AskOptions { Question = "Why?", Key = "sk-env", Model = "dep-1" });
        AskOptions.Of(["Why?"], _ => "")!.ShouldBe(new AskOptions { Question = "Why?", Model = "sim-chat" });
    }

    [Theory]
    [InlineData]
    [InlineData("--wake")]
    [InlineData("--model")]
    [InlineData("--url", "nonsense", "Why?")]
    [InlineData("--url", "ftp://gateway", "Why?")]
    [InlineData("--unknown", "Why?")]
    [InlineData("Why?", "Really?")]
    public void Of_WhatCannotBeUnderstood_IsNull(params string[] args) => AskOptions.Of(args, _ => null).ShouldBeNull();

    [Fact]
    public async Task Run_ModelThatIsStartingUp_IsWaitedForBeforeItIsAsked()
    {
        var upstream = new Scripted(
            (200, "{}"), (503, """{"error":{"message":"warming up"}}"""), (503, "not json"), (200, "{}"),
            (200, "event: summary.prompt\ndata: {\"text\":\"A question.\"}\n\nevent: summary.reasoning\ndata: {\"text\":\"\"}\n\n"
                + "event: output.delta\ndata: {\"text\":\"Be\"}\n\nevent: output.delta\ndata: {\"text\":\"cause.\"}\n\nevent: output.done\ndata: {\"text\":\"Because.\"}\n\n"));

        (int code, string said, string problems) = await RunAsync(upstream);

        (code, problems).ShouldBe((0, ""));
        said.ShouldBe(
            """
            Upstreams: reachable
            m is not there yet; waiting.
            m is not there yet; waiting.
            m is awake.

            1) Summary of the prompt
            A question.

            2) Summary of the model's reasoning
            (it showed none)

            3) Final output
            Because.
            [done]

            """);
        upstream.Asked.ShouldBe(["/base/upstream-health", .. Enumerable.Repeat("/base/v1/chat/completions Bearer sk-1", 4)]);
    }

    [Fact]
    public async Task Run_AnswerThatBreaksOff_IsAFailure()
    {
        var upstream = new Scripted((503, "{}"), (200, "{}"), (200, "event: output.delta\ndata: {\"text\":\"Be\"}\n\nevent: error\ndata: {\"text\":\"it broke\"}\n\n"));

        (int code, string said, string problems) = await RunAsync(upstream);

        (code, problems.TrimEnd()).ShouldBe((1, "error: it broke"));
        said.ShouldStartWith("Upstreams: not all are reachable");
    }

    [Fact]
    public async Task Run_ARefusal_IsNotWaitedFor()
    {
        (int code, _, string problems) = await RunAsync(new Scripted((200, "{}"), (401, """{"error":{"message":"The API key is not valid."}}""")));

        (code, problems.TrimEnd()).ShouldBe((1, "401 Unauthorized: The API key is not valid."));
    }

    private static async Task<(int Code, string Said, string Problems)> RunAsync(Scripted upstream)
    {
        using var client = new HttpClient(upstream) { BaseAddress = Question.Url };
        using var output = new StringWriter { NewLine = "\n" };
        using var problems = new StringWriter { NewLine = "\n" };
        int code = await new AskCommand(client, output, problems, TimeProvider.System).RunAsync(Question, TestContext.Current.CancellationToken);
        return (code, output.ToString(), problems.ToString());
    }

    private sealed class Scripted(params (int Status, string Body)[] answers) : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (int status, string body) = answers[Asked.Count];
            Asked.Add($"{request.RequestUri!.AbsolutePath} {request.Headers.Authorization}".TrimEnd());
            var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "text/event-stream") };
            answer.Headers.Add("Retry-After", "0");
            return Task.FromResult(answer);
        }
    }
}
