namespace GpuStack.Modeling.LlamaCpp;

/// <summary>Sizes and command-line names of cache element types.</summary>
public static class KvCacheTypes
{
    /// <summary>The bytes that so many elements take; blocks of 32 elements are whole.</summary>
    public static long Bytes(this KvCacheType type, long elements) => type switch
    {
        KvCacheType.F32 => elements * 4,
        KvCacheType.F16 or KvCacheType.BF16 => elements * 2,
        _ => (elements + 31) / 32 * type.BlockBytes(),
    };

    /// <summary>The name that llama-server takes (<c>q8_0</c>).</summary>
    public static string ArgumentName(this KvCacheType type) => type.ToString().ToLowerInvariant();

    /// <summary>The type that llama-server calls so; false for an unknown name.</summary>
    public static bool TryParse(string name, out KvCacheType type)
    {
        foreach (KvCacheType candidate in Enum.GetValues<KvCacheType>())
        {
            if (string.Equals(candidate.ArgumentName(), name, StringComparison.OrdinalIgnoreCase))
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }

    private static int BlockBytes(this KvCacheType type) => type switch
    {
        KvCacheType.Q8_0 => 34,
        KvCacheType.Q5_1 => 24,
        KvCacheType.Q5_0 => 22,
        KvCacheType.Q4_1 => 20,
        KvCacheType.Q4_0 or KvCacheType.IQ4_NL => 18,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such cache type."),
    };
}
