using System.Collections.Immutable;

namespace GpuStack.Modeling.Safetensors;

/// <summary>The header of a safetensors file: its tensors, without their data.</summary>
public sealed record SafetensorsHeader
{
    /// <summary>The file or address.</summary>
    public required string Name { get; init; }

    /// <summary>Where the data begins: 8 bytes and the header's length.</summary>
    public required long DataOffset { get; init; }

    /// <summary>The tensors, as the file lists them; together they cover the data without holes.</summary>
    public required ImmutableArray<SafetensorsTensor> Tensors { get; init; }

    /// <summary>The file's own metadata; texts that are too long to keep are left out.</summary>
    public required ImmutableDictionary<string, string> Metadata { get; init; }

    /// <summary>The size of all tensors.</summary>
    public required Bytes DataSize { get; init; }
}
