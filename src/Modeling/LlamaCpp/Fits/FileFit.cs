namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>One of a repository's models, and whether it fits.</summary>
public sealed record FileFit
{
    /// <summary>The path of its file, or of its first part.</summary>
    public required string Path { get; init; }

    /// <summary>The quantization that its name tells; null when it tells none.</summary>
    public string? Quantization { get; init; }

    /// <summary>The size of all its files.</summary>
    public required Bytes Size { get; init; }

    /// <summary>Whether every layer fits on the devices at the context that was asked for.</summary>
    public required bool Fits { get; init; }
}
