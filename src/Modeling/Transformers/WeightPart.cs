using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Transformers;

/// <summary>A sum of weights that belong to one layer and are shared among ranks in one way.</summary>
/// <param name="Layer">The layer, from 0; <see cref="Inputs"/>, <see cref="Outputs"/> or <see cref="Towers"/> for what belongs to none.</param>
/// <param name="Sharding">How tensor-parallel ranks share them.</param>
/// <param name="Elements">Parameters (unpacked: eight of 4 bits in one I32 count as eight); scales and zero points are none.</param>
/// <param name="Size">
/// Bytes as the engine holds them when it does not quantize while loading: the checkpoint's own, scales and zero points included; plain
/// floats in the model's data type, whatever type the file has them in.
/// </param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WeightPart(int Layer, WeightSharding Sharding, long Elements, Bytes Size)
{
    /// <summary>Token embeddings: the first pipeline stage, and the last as well where they are tied.</summary>
    public const int Inputs = -1;

    /// <summary>The final norm and the output head: the last pipeline stage.</summary>
    public const int Outputs = -2;

    /// <summary>Vision and audio towers and their projectors: the first pipeline stage.</summary>
    public const int Towers = -3;
}
