using System.Text;

namespace GpuStack.Simulator.Cluster.Events;

/// <summary>FNV-1a over UTF-16: the same in every process, unlike string.GetHashCode.</summary>
internal static class StableHash
{
    public static ulong Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static ulong Of(ReadOnlySpan<byte> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var one in text)
            hash = (hash ^ one) * 1099511628211UL;
        return hash;
    }
}
