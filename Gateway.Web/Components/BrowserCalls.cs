using Microsoft.JSInterop;

namespace Gateway.Web.Components;

/// <summary>How calls of the browser end.</summary>
internal static class BrowserCalls
{
    /// <summary>
    /// The page is gone; or its connection broke while the browser was asked, whose answer is given up after a minute. The page may be
    /// back by then, and must not end because a part of it could not be taken down.
    /// </summary>
    public static bool IsOfLostBrowser(this Exception exception) => exception is JSDisconnectedException or OperationCanceledException;
}
