using System.Globalization;

namespace GpuStack.Operator.Supervision.Sockets;

/// <summary>
/// Reads lines of <c>/proc/net/tcp</c> and <c>tcp6</c>: <c>sl local_address rem_address st tx_queue:rx_queue …</c>, numbers in hexadecimal.
/// Pure; lines that are none are passed over.
/// </summary>
internal static class SocketTable
{
    private const string Established = "01";
    private const string CloseWait = "08";
    private const string Listen = "0A";

    /// <summary>Adds the port of a socket in state LISTEN.</summary>
    public static void AddListening(ReadOnlySpan<char> line, ISet<int> ports)
    {
        if (Read(line, out var port, out var state, out _) && state.SequenceEqual(Listen))
            ports.Add(port);
    }

    /// <summary>Bytes that came over a connection to the port and were not read; whether it is accepted, or its sender gave up, is no matter.</summary>
    public static long Unread(ReadOnlySpan<char> line, int port) =>
        Read(line, out var local, out var state, out var unread) && local == port && (state.SequenceEqual(Established) || state.SequenceEqual(CloseWait)) ? unread : 0;

    private static bool Read(ReadOnlySpan<char> line, out int port, out ReadOnlySpan<char> state, out long unread)
    {
        port = 0;
        unread = 0;
        state = default;
        Span<Range> fields = stackalloc Range[6];
        if (line.SplitAny(fields, " \t", StringSplitOptions.RemoveEmptyEntries) < 5)
            return false;
        state = line[fields[3]];
        var local = line[fields[1]];
        var queues = line[fields[4]];
        var colon = local.LastIndexOf(':');
        return colon > 0
            && int.TryParse(local[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535
            && long.TryParse(queues[(queues.IndexOf(':') + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out unread) && unread >= 0;
    }
}
