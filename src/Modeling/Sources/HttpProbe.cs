namespace GpuStack.Modeling.Sources;

/// <summary>What a request for a file's first byte tells of its version.</summary>
/// <param name="ETag">Its entity tag, without quotes.</param>
/// <param name="Commit">The commit that a hub resolved the revision to.</param>
internal sealed record HttpProbe(string? ETag, string? Commit)
{
    public static async ValueTask<HttpProbe> ReadAsync(HttpSession session, Uri address, HttpAccess access, CancellationToken cancellationToken)
    {
        var exchange = new HttpExchange(session, address, access);
        using HttpResponseMessage response = await session.RetryAsync(token => exchange.SendAsync(0, 0, token), cancellationToken).ConfigureAwait(false);
        return new HttpProbe(exchange.ETag, exchange.Commit);
    }
}
