using System.Globalization;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>Another pod of a group: where its supervisor answers.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="StatusPort">The port of its <c>/status</c>.</param>
internal sealed record PeerEndpoint(string Host, int StatusPort)
{
    /// <summary>Reads <c>HOST[:STATUSPORT]</c>; an IPv6 address with a port stands in brackets.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static PeerEndpoint Parse(string option, string text, int defaultPort)
    {
        var host = text;
        var port = defaultPort;
        var colon = text.LastIndexOf(':');
        // An IPv6 address without brackets has more than one colon, and no port.
        if (colon > 0 && (text.IndexOf(':', StringComparison.Ordinal) == colon || text[colon - 1] == ']'))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                throw Wrong(option, text);
        }
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? throw Wrong(option, text) : new PeerEndpoint(host, port);
    }

    /// <summary>The name alone: the port is the same for all, and a person looks for a pod.</summary>
    public override string ToString() => Host;

    private static InputException Wrong(string option, string text) =>
        new($"{option}: '{text}' is no pod of the group; give its name, like qwen-0-w0-1.qwen-0, with :PORT if its supervisor answers on a port of its own.");
}
