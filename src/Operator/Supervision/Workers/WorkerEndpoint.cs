using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>A worker as the leader knows it: where its RPC server listens, and what the plan puts on each of its devices.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="RpcPort">The port of its RPC server.</param>
/// <param name="NeedBytes">Bytes needed on each device; empty when nothing is checked.</param>
internal sealed record WorkerEndpoint(string Host, int RpcPort, ImmutableArray<long> NeedBytes)
{
    /// <summary>Reads <c>HOST:PORT[=BYTES,BYTES…]</c>; an IPv6 address stands in brackets.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static WorkerEndpoint Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var address = equals < 0 ? text : text[..equals];
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw Wrong(text);
        var host = address[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw Wrong(text);
        var needs = ImmutableArray.CreateBuilder<long>();
        if (equals >= 0)
        {
            foreach (var part in text[(equals + 1)..].Split(','))
            {
                if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                    throw Wrong(text);
                needs.Add(bytes);
            }
        }
        return new WorkerEndpoint(host, port, needs.ToImmutable());
    }

    /// <summary>As <c>--rpc</c> names it.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{RpcPort}" : $"{Host}:{RpcPort}";

    private static InputException Wrong(string text) =>
        new($"--worker: '{text}' is no worker; give one like llama-0-w0-0.llama-0:50052=8589934592, with the bytes that each of its devices needs.");
}
