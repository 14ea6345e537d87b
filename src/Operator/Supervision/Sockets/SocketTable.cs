using System.Globalization;

namespace GpuStack.Operator.Supervision.Sockets;

/// <summary>Reads the ports in state LISTEN from the text of <c>/proc/net/tcp</c> or <c>tcp6</c>. Pure; lines that are none are passed over.</summary>
internal static class SocketTable
{
    private const string Listen = "0A";

    /// <summary>Adds the listening ports of one line: <c>sl local_address rem_address st …</c>, addresses and ports in hexadecimal.</summary>
    public static void AddListening(ReadOnlySpan<char> line, ISet<int> ports)
    {
        Span<Range> fields = stackalloc Range[5];
        var count = line.SplitAny(fields, " \t", StringSplitOptions.RemoveEmptyEntries);
        if (count < 4 || !line[fields[3]].Trim().SequenceEqual(Listen))
            return;
        var local = line[fields[1]];
        var colon = local.LastIndexOf(':');
        if (colon > 0 && int.TryParse(local[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
            ports.Add(port);
    }
}
