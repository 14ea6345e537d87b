namespace GpuStack.Modeling.Transformers;

/// <summary>Multi-head latent attention (DeepSeek): what one token's cached row holds; every tensor-parallel rank has a copy.</summary>
/// <param name="Rank">Elements of the compressed row (<c>kv_lora_rank</c>).</param>
/// <param name="RotaryLength">Elements that carry the position (<c>qk_rope_head_dim</c>).</param>
/// <param name="IndexerLength">Elements of the sparse-attention indexer's key (<c>index_head_dim</c>, DeepSeek V3.2); 0 without one.</param>
/// <param name="KeyLength">Elements of a key head without its position, as the row is spread out to (<c>qk_nope_head_dim</c>); 0 when unknown.</param>
/// <param name="ValueLength">Elements of a value head (<c>v_head_dim</c>); 0 when unknown.</param>
public sealed record LatentShape(int Rank, int RotaryLength, int IndexerLength = 0, int KeyLength = 0, int ValueLength = 0);
