using System.Security.Cryptography;

namespace GpuStack.Modeling.Sources;

/// <summary>A small answer, read as a whole and bounded.</summary>
internal sealed record HttpDocument
{
    public required byte[] Body { get; init; }

    public string? ContentType { get; init; }

    /// <summary>The next page (RFC 8288, <c>rel="next"</c>).</summary>
    public Uri? Next { get; init; }

    /// <summary>SHA-256 of <see cref="Body"/> as registries write it, <c>sha256:…</c>.</summary>
    public string Digest => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Body))}";

    /// <param name="session">Client, options and time.</param>
    /// <param name="address">What is read.</param>
    /// <param name="access">How its server is asked.</param>
    /// <param name="most">The most bytes that are read.</param>
    /// <param name="accept">Media types; null for any.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ByteRangeException">It cannot be read, or is larger.</exception>
    public static ValueTask<HttpDocument> ReadAsync(
        HttpSession session, Uri address, HttpAccess access, int most, string? accept, CancellationToken cancellationToken)
    {
        var exchange = new HttpExchange(session, address, access) { Accept = accept };
        return session.RetryAsync(token => ReadOnceAsync(exchange, address, most, token), cancellationToken);
    }

    private static async ValueTask<HttpDocument> ReadOnceAsync(HttpExchange exchange, Uri address, int most, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await exchange.SendAsync(null, null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != System.Net.HttpStatusCode.OK)
        {
            throw new ByteRangeException($"{exchange.Name}: the server answered {(int)response.StatusCode}; check the address.") { Status = response.StatusCode };
        }

        return new HttpDocument
        {
            Body = await BodyAsync(exchange, response, most, cancellationToken).ConfigureAwait(false),
            ContentType = response.Content.Headers.ContentType?.MediaType,
            Next = NextPage(address, response),
        };
    }

    private static async ValueTask<byte[]> BodyAsync(HttpExchange exchange, HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        using HttpDeadline deadline = exchange.Session.Deadline(cancellationToken);
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            using var bytes = new MemoryStream();
            var block = new byte[16 << 10];
            while (await body.ReadAsync(block, deadline.Token).ConfigureAwait(false) is > 0 and int count)
            {
                if (bytes.Length + count > most)
                {
                    throw new ByteRangeException($"{exchange.Name}: the answer is larger than {most >> 10} KiB; check the address.");
                }

                bytes.Write(block, 0, count);
            }

            return bytes.ToArray();
        }
        catch (Exception exception) when (HttpSession.Explains(exception, cancellationToken))
        {
            throw exchange.Session.Failure(exchange.Name, exception);
        }
    }

    private static Uri? NextPage(Uri address, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out IEnumerable<string>? links))
        {
            return null;
        }

        foreach (string link in links.SelectMany(value => value.Split(',')))
        {
            int start = link.IndexOf('<', StringComparison.Ordinal), end = link.IndexOf('>', StringComparison.Ordinal);
            if (start >= 0 && end > start && link.AsSpan(end).Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase)
                && Uri.TryCreate(address, link[(start + 1)..end], out Uri? next))
            {
                return next;
            }
        }

        return null;
    }
}
