using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>What was read of a location: the header of a GGUF model, or the facts of a folder of safetensors.</summary>
/// <param name="Location">The location as it was given.</param>
internal sealed record ReadModel(string Location)
{
    /// <summary>The header, of all files of a split model together; null for safetensors.</summary>
    public GgufHeader? Header { get; init; }

    /// <summary>The size of the GGUF model's files, where it is known.</summary>
    public Bytes? Size { get; init; }

    /// <summary>The other GGUF models of the repository, when the location named no single one.</summary>
    public ImmutableArray<GgufVariant> Variants { get; init; } = [];

    /// <summary>The facts of a folder of safetensors; null for GGUF.</summary>
    public TransformerModel? Transformer { get; init; }
}
