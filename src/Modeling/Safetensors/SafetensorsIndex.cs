using System.Collections.Immutable;

namespace GpuStack.Modeling.Safetensors;

/// <summary>The index of a model in several files: which files, and how many tensors in each.</summary>
public sealed record SafetensorsIndex
{
    /// <summary>The shards' paths relative to the model's folder, in the order of their names, with the tensors that each should hold.</summary>
    public required ImmutableArray<(string Path, int Tensors)> Shards { get; init; }

    /// <summary>The size of all tensors as the index states it; null when it does not. Not to be trusted: some tools write another.</summary>
    public Bytes? TotalSize { get; init; }
}
