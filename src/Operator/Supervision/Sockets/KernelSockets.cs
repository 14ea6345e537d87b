using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Sockets;

/// <summary>
/// The TCP sockets of this network namespace, asked of the kernel. Nothing is connected to: a worker serves one
/// client, and a probe that waits behind the leader later kills it.
/// </summary>
internal static class KernelSockets
{
    /// <summary>More sockets than a pod has; on the host's network a longer table is cut.</summary>
    private const int MaxLines = 100_000;

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Ascending.</summary>
    public static ImmutableArray<int> Read()
    {
        var ports = new SortedSet<int>();
        foreach (var line in Lines())
            SocketTable.AddListening(line, ports);
        return [.. ports];
    }

    /// <summary>Bytes that wait unread on all connections to a port.</summary>
    public static long Unread(int port) => Lines().Sum(line => SocketTable.Unread(line, port));

    private static IEnumerable<string> Lines() => Tables.SelectMany(Lines).Take(MaxLines);

    private static string[] Lines(string table)
    {
        try
        {
            return [.. File.ReadLines(table).Take(MaxLines)];
        }
        catch (IOException)
        {
            // Without IPv6 there is no second table.
            return [];
        }
    }
}
