namespace GpuStack.Modeling.LlamaCpp;

/// <summary>The indexer of sparse attention (DeepSeek V3.2): it scores all tokens with small keys of its own, and attention takes the best.</summary>
/// <param name="Heads">Its query heads (<c>attention.indexer.head_count</c>).</param>
/// <param name="KeyLength">Elements of its key, which every block caches besides the compressed row (<c>attention.indexer.key_length</c>).</param>
/// <param name="Chosen">Tokens that are attended to (<c>attention.indexer.top_k</c>).</param>
public sealed record SparseIndexer(int Heads, int KeyLength, int Chosen);
