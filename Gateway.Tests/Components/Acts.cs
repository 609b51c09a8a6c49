using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;

namespace Gateway.Tests.Components;

/// <summary>
/// What a person does to an element. It is found and told in one step of the renderer: pages are rendered by what happens behind them,
/// and a render between the two leaves the event to a handler that is gone.
/// </summary>
internal static class Acts
{
    public static Task ClickAsync<T>(this IRenderedComponent<T> part, string selector)
        where T : IComponent => part.ActAsync(selector, e => e.ClickAsync());

    /// <summary>Clicks on the only button that says this.</summary>
    public static Task PressAsync<T>(this IRenderedComponent<T> part, string text, string selector = "button")
        where T : IComponent => part.InvokeAsync(() => part.FindAll(selector).Single(b => b.TextContent == text).ClickAsync());

    public static Task ChangeAsync<T>(this IRenderedComponent<T> part, string selector, object? value)
        where T : IComponent => part.ActAsync(selector, e => e.ChangeAsync(value));

    public static Task InputAsync<T>(this IRenderedComponent<T> part, string selector, string value)
        where T : IComponent => part.ActAsync(selector, e => e.InputAsync(value));

    public static Task KeyDownAsync<T>(this IRenderedComponent<T> part, string selector, string key)
        where T : IComponent => part.ActAsync(selector, e => e.KeyDownAsync(key));

    public static Task SubmitAsync<T>(this IRenderedComponent<T> part, string selector)
        where T : IComponent => part.ActAsync(selector, e => e.SubmitAsync());

    public static Task FocusOutAsync<T>(this IRenderedComponent<T> part, string selector)
        where T : IComponent => part.ActAsync(selector, e => e.FocusOutAsync());

    private static Task ActAsync<T>(this IRenderedComponent<T> part, string selector, Func<IElement, Task> act)
        where T : IComponent => part.InvokeAsync(() => act(part.Find(selector)));
}
