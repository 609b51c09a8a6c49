using Gateway.Web.Components.Controls;
using Radzen;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class ToastsTests
{
    [Fact]
    public void TheSameAgain_IsToldAnew()
    {
        var notifications = new NotificationService();
        var toasts = new Toasts(notifications);
        toasts.Done("hook took the test.");
        NotificationMessage first = notifications.Messages.ShouldHaveSingleItem();

        toasts.Done("hook took the test.");

        NotificationMessage second = notifications.Messages.ShouldHaveSingleItem();
        second.ShouldNotBe(first, "the first one's time must not end the second");
    }
}
