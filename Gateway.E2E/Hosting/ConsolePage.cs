using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shouldly;

namespace Gateway.E2E.Hosting;

/// <summary>A browser page on the console that remembers what the browser complained about.</summary>
public sealed class ConsolePage : IAsyncDisposable
{
    private readonly RunningGateway _gateway;
    private readonly ConcurrentQueue<string> _complaints = [];

    public ConsolePage(IPage page, RunningGateway gateway)
    {
        (Page, _gateway) = (page, gateway);
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                _complaints.Enqueue($"{message.Text} {message.Location}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
    }

    public IPage Page { get; }

    public async Task SignInAsync()
    {
        await Page.GotoAsync("/login");
        await Page.GetByLabel("Password").FillAsync(_gateway.Password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
    }

    /// <summary>Goes to a page and waits until its circuit has drawn it with its data.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.Locator("h1").First.WaitForAsync();
        await Assertions.Expect(Page.Locator(".skeleton")).ToHaveCountAsync(0);
    }

    /// <summary>Scripts that the policy stopped, exceptions, missing files: there must be none.</summary>
    public void ShouldBeWithoutComplaints() => _complaints.ShouldBeEmpty();

    /// <summary>The same where pages of others were on the way, which may load what is not there.</summary>
    public void ShouldBeWithoutComplaintsOfOurs(string url) => _complaints.Where(c => c.Contains(url, StringComparison.Ordinal)).ShouldBeEmpty();

    /// <summary>What is wrong with the page as it stands: barriers of a serious kind, and a width that makes phones scroll sideways.</summary>
    public async Task<IReadOnlyList<string>> FindProblemsAsync()
    {
        // The circuit gives it, a moment after the page's heading.
        await Assertions.Expect(Page).ToHaveTitleAsync(new Regex("."));
        AxeResult result = await Page.RunAxe();
        List<string> problems = [.. result.Violations
            .Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{Page.Url} {v.Id}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}")];
        int over = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        if (over > 0)
        {
            problems.Add($"{Page.Url} is {over} pixels too wide");
        }
        return problems;
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
