namespace GpuStack.Benchmarks;

/// <summary>One named benchmark of the command line.</summary>
internal interface IBenchmark
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures and which options it takes, in one line.</summary>
    string Usage { get; }

    /// <summary>Runs it. The figures go to the JSON output; <paramref name="details"/> takes lines for people.</summary>
    Task<IReadOnlyDictionary<string, double>> RunAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken);
}
