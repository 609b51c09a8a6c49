using Xunit;

namespace Gateway.Tests;

/// <summary>Tests that measure the whole process, in which no others run meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
