namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>
/// Connections that change with what they are made with. A new certificate means new connections; requests and watches
/// under way end where they began, and the old connections are closed when the last of them has ended.
/// </summary>
internal sealed class RotatingHandler(
    Func<CancellationToken, ValueTask<TlsMaterial>> read, Func<TlsMaterial, HttpMessageHandler> create, IDisposable source) : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly HashSet<Connections> _retired = [];
    private Connections? _current;
    private bool _disposed;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var connections = Rent(await read(cancellationToken).ConfigureAwait(false));
        try
        {
            var response = await connections.Invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            response.Content = new LeasedContent(response.Content, () => Return(connections));
            return response;
        }
        catch
        {
            Return(connections);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_lock)
            {
                if (_disposed) return;
                _disposed = true;
                _current?.Invoker.Dispose();
                foreach (var connections in _retired) connections.Invoker.Dispose();
            }

            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private Connections Rent(TlsMaterial material)
    {
        Connections? unused = null;
        Connections rented;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is null || !_current.Material.IsSameAs(material))
            {
                var old = _current;
                _current = new Connections(material, new HttpMessageInvoker(create(material)));
                if (old is { InUse: 0 }) unused = old;
                else if (old is not null) _retired.Add(old);
            }

            rented = _current;
            rented.InUse++;
        }

        unused?.Invoker.Dispose();
        return rented;
    }

    private void Return(Connections connections)
    {
        lock (_lock)
        {
            if (--connections.InUse > 0 || !_retired.Remove(connections)) return;
        }

        connections.Invoker.Dispose();
    }

    private sealed class Connections(TlsMaterial material, HttpMessageInvoker invoker)
    {
        public TlsMaterial Material => material;

        public HttpMessageInvoker Invoker => invoker;

        /// <summary>Requests whose answer is not read to its end.</summary>
        public int InUse { get; set; }
    }
}
