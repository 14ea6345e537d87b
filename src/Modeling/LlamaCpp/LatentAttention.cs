namespace GpuStack.Modeling.LlamaCpp;

/// <summary>Multi-head latent attention (DeepSeek): one compressed row per token stands for all heads' keys and values.</summary>
/// <param name="Rank">Elements of the compressed row (<c>attention.kv_lora_rank</c>).</param>
/// <param name="RotaryLength">Elements that carry the position (<c>rope.dimension_count</c>).</param>
/// <param name="KeyLength">Elements of a decompressed key head (<c>attention.key_length_mla</c>).</param>
/// <param name="ValueLength">Elements of a decompressed value head (<c>attention.value_length_mla</c>).</param>
public sealed record LatentAttention(int Rank, int RotaryLength, int KeyLength, int ValueLength);
