namespace GpuStack.Modeling.LlamaCpp;

/// <summary>Element types of llama.cpp's key and value caches (<c>--cache-type-k</c>, <c>--cache-type-v</c>).</summary>
public enum KvCacheType
{
    F16,
    BF16,
    F32,
    Q8_0,
    Q5_1,
    Q5_0,
    Q4_1,
    Q4_0,
    IQ4_NL,
}
