using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Sockets;

/// <summary>
/// The TCP ports that somebody listens on in this network namespace, asked of the kernel. Nothing is connected to: a worker serves one
/// client, and a probe that waits behind the leader later kills it.
/// </summary>
internal static class ListeningPorts
{
    /// <summary>More sockets than a pod has; on the host's network a longer table is cut.</summary>
    private const int MaxLines = 100_000;

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Ascending.</summary>
    public static ImmutableArray<int> Read()
    {
        var ports = new SortedSet<int>();
        foreach (var table in Tables)
        {
            try
            {
                foreach (var line in File.ReadLines(table).Take(MaxLines))
                    SocketTable.AddListening(line, ports);
            }
            catch (IOException)
            {
                // Without IPv6 there is no second table.
            }
        }
        return [.. ports];
    }
}
