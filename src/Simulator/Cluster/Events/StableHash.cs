namespace GpuStack.Simulator.Cluster.Events;

/// <summary>FNV-1a over UTF-16: the same in every process, unlike string.GetHashCode.</summary>
internal static class StableHash
{
    public static ulong Of(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
