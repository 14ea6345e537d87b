using System.Collections.Immutable;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Safetensors;

/// <summary>A tensor as its header states it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its shape, outer dimension first; empty for a scalar.</param>
/// <param name="Begin">Where its data begins, in bytes after the header.</param>
/// <param name="End">Where its data ends.</param>
public sealed record SafetensorsTensor(string Name, ElementType Type, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>Its data's size.</summary>
    public Bytes Size => new(End - Begin);
}
