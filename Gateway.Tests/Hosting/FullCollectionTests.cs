using Gateway.Web.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public class FullCollectionTests
{
    // The collector left what survived in the youngest generation, and copied it again at each collection.
    [Fact]
    public void Run_WhatSurvivesAfterwards_GrowsOld()
    {
        bool old = false;
        // Other tests may hold something in its place at that very moment.
        for (int attempt = 0; attempt < 20 && !old; attempt++)
        {
            FullCollection.Run();
            object young = new();
            GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: false);
            old = GC.GetGeneration(young) > 0;
        }
        old.ShouldBeTrue();
    }
}
