namespace GpuStack.Benchmarks;

/// <summary>Names of figures that mean something to the program itself.</summary>
internal static class BenchmarkFigures
{
    /// <summary>Above zero, what was to be shown was not: the program ends with 1.</summary>
    public const string Failed = "failed";
}
