using Gateway.Core.Forwarding;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Forwarding;

public sealed class ResourceOwnersTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("owners-").FullName;

    private string File => Path.Combine(_directory, "resources.log");

    [Fact]
    public void Note_AfterARestart_IsRemembered()
    {
        using (var owners = new ResourceOwners(File))
        {
            owners.Note("file-1", new ResourceOwner("p1"));
            owners.Note("file-2", new ResourceOwner("p2"));
            owners.Note("file-1", new ResourceOwner("p3", "c3"));
        }
        using var again = new ResourceOwners(File);

        again.Find("file-1").ShouldBe(new ResourceOwner("p3", "c3"));
        again.Find("file-2").ShouldBe(new ResourceOwner("p2"));
        again.Find("file-3").ShouldBeNull();
    }

    [Fact]
    public void Note_MoreThanFit_ForgetsTheOldestAndKeepsTheFileSmall()
    {
        using (var owners = new ResourceOwners(File, capacity: 10))
        {
            for (int i = 0; i < 100; i++)
            {
                owners.Note($"file-{i}", new ResourceOwner("p"));
            }
            owners.Count.ShouldBe(10);
        }
        using var again = new ResourceOwners(File, capacity: 10);

        again.Find("file-89").ShouldBeNull();
        again.Find("file-90").ShouldBe(new ResourceOwner("p"));
        System.IO.File.ReadAllLines(File).Length.ShouldBe(10);
    }

    [Fact]
    public void Note_WhatIsNoId_IsPassedOver()
    {
        using var owners = new ResourceOwners(File);

        owners.Note("file 1", new ResourceOwner("p"));
        owners.Note("a\nb", new ResourceOwner("p"));
        owners.Note("", new ResourceOwner("p"));

        owners.Count.ShouldBe(0);
    }

    [Fact]
    public void Open_FileCutShort_KeepsTheRest()
    {
        System.IO.File.WriteAllText(File, "file-1 p1\nfile-2 p2\nfile-3");

        using var owners = new ResourceOwners(File);

        owners.Count.ShouldBe(2);
    }

    public void Dispose() => Directories.Remove(_directory);

    // The file is written anew now and then, which a full disk keeps from it at the worst time: not even then does a request fail for it.
    [Fact]
    public void Note_FileCannotBeWrittenAnew_GoesOnAndWritesItLater()
    {
        const int Capacity = 2;
        using (var owners = new ResourceOwners(File, Capacity))
        {
            // As a full disk: it cannot be made.
            string obstacle = Directory.CreateDirectory(File + ".new").FullName;
            for (int i = 0; i < 5 * Capacity; i++)
            {
                owners.Note($"file-{i}", new ResourceOwner("p"));
            }
            owners.Find($"file-{(5 * Capacity) - 1}").ShouldBe(new ResourceOwner("p"));
            Directory.Delete(obstacle);
            for (int i = 0; i < 5 * Capacity; i++)
            {
                owners.Note($"later-{i}", new ResourceOwner("p"));
            }
        }
        System.IO.File.ReadAllLines(File).Length.ShouldBeLessThanOrEqualTo(2 * Capacity);
        using var again = new ResourceOwners(File, Capacity);

        again.Find($"later-{(5 * Capacity) - 1}").ShouldBe(new ResourceOwner("p"));
    }
}
