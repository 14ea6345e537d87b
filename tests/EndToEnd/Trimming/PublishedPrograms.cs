namespace GpuStack.EndToEnd.Trimming;

/// <summary>The programs that are published once, for all tests that look at them.</summary>
[CollectionDefinition(nameof(PublishedPrograms), DisableParallelization = true)]
public sealed class PublishedPrograms : ICollectionFixture<PublishedProgram>, ICollectionFixture<PublishedOperator>;
