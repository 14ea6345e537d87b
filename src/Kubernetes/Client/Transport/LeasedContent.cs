using System.Net;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>An answer's body that tells when nobody reads it any more.</summary>
internal sealed class LeasedContent : HttpContent
{
    private readonly HttpContent _inner;
    private Action? _released;

    public LeasedContent(HttpContent inner, Action released)
    {
        _inner = inner;
        _released = released;
        foreach (var (name, values) in inner.Headers) Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(stream, context);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _inner.CopyToAsync(stream, context, cancellationToken);

    protected override Task<Stream> CreateContentReadStreamAsync() => _inner.ReadAsStreamAsync();

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => _inner.ReadAsStreamAsync(cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        _inner.Dispose();
        Interlocked.Exchange(ref _released, null)?.Invoke();
    }
}
