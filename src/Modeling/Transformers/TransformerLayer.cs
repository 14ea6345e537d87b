using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Transformers;

/// <summary>
/// What one layer caches per token, or per sequence. With latent attention: one head as long as the row, and no values
/// (<see cref="TransformerModel.LatentAttention"/>).
/// </summary>
/// <param name="Kind">What the layer remembers.</param>
/// <param name="KeyValueHeads">Key and value heads; 0 where there is no attention.</param>
/// <param name="KeyLength">Elements of a key head.</param>
/// <param name="ValueLength">Elements of a value head.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TransformerLayer(TransformerLayerKind Kind, int KeyValueHeads, int KeyLength, int ValueLength);
