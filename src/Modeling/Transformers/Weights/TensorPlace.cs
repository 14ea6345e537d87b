using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>Where a tensor belongs.</summary>
/// <param name="Loaded">False for what engines leave in the file (saved positions, layers of multi-token prediction).</param>
/// <param name="Layer">The layer, or <see cref="WeightPart.Inputs"/>, <see cref="WeightPart.Outputs"/>, <see cref="WeightPart.Towers"/>.</param>
/// <param name="Sharding">How ranks share it.</param>
/// <param name="FusedAttention">Whether query, key and value lie in one tensor, so that a part of it is shared like keys and values.</param>
/// <param name="Content">What its elements are.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TensorPlace(bool Loaded, int Layer, WeightSharding Sharding, bool FusedAttention, TensorContent Content)
{
    public static TensorPlace NotLoaded => default;
}
