namespace GpuStack.EndToEnd.Recovery;

/// <summary>Tests with a virtual clock: they run while no other test does.</summary>
[CollectionDefinition(nameof(QuietCollection), DisableParallelization = true)]
public sealed class QuietCollection;
