using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Inspection;

/// <summary>
/// Connects an <see cref="SocketsHttpHandler"/> under the <see cref="AddressRule"/>. The rule is applied to the very address that is then
/// connected to, on every connection and so on every redirect: a name that resolves differently the second time gains nothing.
/// Endpoints (host and port) that the operator's own settings name are free of the rule.
/// </summary>
internal sealed class GuardedConnector(AddressRule rule, ImmutableArray<Uri> trustedEndpoints, TrustedAuthorities? authorities = null)
{
    private readonly ImmutableHashSet<(string Host, int Port)> _trusted =
        [.. trustedEndpoints.Select(endpoint => (endpoint.IdnHost.ToLowerInvariant(), endpoint.Port))];

    /// <summary>A handler whose connections all pass here. It follows no redirects: the byte range source does, so that tokens stay at home.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            AllowAutoRedirect = false,
            // Behind a proxy the address that is really connected to would not be seen here.
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(15),
        };
        authorities?.AddTo(handler);
        return handler;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var endpoint = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken);
        if (!_trusted.Contains((endpoint.Host.ToLowerInvariant(), endpoint.Port)))
        {
            var allowed = addresses.Where(rule.Allows).ToArray();
            if (allowed.Length == 0)
                throw new ForbiddenAddressException(endpoint.Host, addresses.FirstOrDefault());
            addresses = allowed;
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
