using System.Net;

namespace GpuStack.Modeling.Sources;

/// <summary>What a request for a file's first byte tells of it.</summary>
/// <param name="ETag">Its entity tag, without quotes.</param>
/// <param name="Commit">The commit that a hub resolved the revision to.</param>
internal sealed record HttpProbe(string? ETag, string? Commit)
{
    /// <summary>Its size in bytes; null where the server does not tell.</summary>
    public long? Size { get; init; }

    /// <summary>The entity tag of the answer with the bytes, in quotes, when equal tags mean equal bytes.</summary>
    public string? StrongTag { get; init; }

    public static ValueTask<HttpProbe> ReadAsync(HttpSession session, Uri address, HttpAccess access, CancellationToken cancellationToken) =>
        ReadAsync(new HttpExchange(session, address, access), cancellationToken);

    public static async ValueTask<HttpProbe> ReadAsync(HttpExchange exchange, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await exchange.Session.RetryAsync(token => exchange.SendAsync(0, 0, token), cancellationToken).ConfigureAwait(false);
        return new HttpProbe(exchange.ETag, exchange.Commit)
        {
            // An empty file has no first byte: 416 with its size.
            Size = response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : response.Content.Headers.ContentRange?.Length,
            StrongTag = response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null,
        };
    }
}
