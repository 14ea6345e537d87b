using System.Net;
using System.Net.Http.Headers;

namespace GpuStack.Modeling.Sources;

/// <summary>Sends the requests of one source: redirects, token, time limit, and a sentence for everything that can go wrong.</summary>
internal sealed class HttpExchange
{
    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly HttpByteRangeOptions _options;
    private Uri? _resolved;

    public HttpExchange(HttpClient client, Uri address, HttpByteRangeOptions options)
    {
        _client = client;
        _address = address;
        _options = options;

        // Without the query and user name, which may hold secrets.
        Name = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    public string Name { get; }

    public string? ETag { get; private set; }

    public string? Commit { get; private set; }

    /// <summary>
    /// Sends a request for a range (null: for everything) and returns an answer of 200, 206 or 416; everything else is an exception.
    /// </summary>
    public async ValueTask<HttpResponseMessage> SendAsync(long? from, long? to, CancellationToken cancellationToken)
    {
        if (_resolved is { } resolved)
        {
            HttpResponseMessage again = await SendOnceAsync(resolved, from, to, cancellationToken).ConfigureAwait(false);
            if (IsAnswer(again.StatusCode))
            {
                return again;
            }

            // Signed addresses expire: ask the source anew where its file is.
            again.Dispose();
            _resolved = null;
        }

        Uri target = _address;
        for (int redirect = 0; redirect <= _options.Redirects; redirect++)
        {
            HttpResponseMessage response = await SendOnceAsync(target, from, to, cancellationToken).ConfigureAwait(false);
            Capture(response);
            if (IsAnswer(response.StatusCode))
            {
                _resolved = target == _address ? null : target;
                return response;
            }

            using (response)
            {
                target = IsRedirect(response.StatusCode) ? Redirect(target, response) : throw Refused(response.StatusCode);
            }
        }

        throw new ByteRangeException($"{Name}: more than {_options.Redirects} redirects; check the address.");
    }

    /// <summary>The options' time limit for one step of the exchange.</summary>
    public HttpDeadline Deadline(CancellationToken cancellationToken) => new(_options.Timeout, _options.TimeProvider, cancellationToken);

    /// <summary>Whether an exception is a failure of the exchange, and not the caller's own cancellation.</summary>
    public static bool Explains(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>The sentence for such an exception.</summary>
    public ByteRangeException Failure(Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            return new($"{Name}: no answer within {_options.Timeout.TotalSeconds:0} s; check the network or try again.", exception) { IsTransient = true };
        }

        Exception innermost = exception;
        while (innermost.InnerException is { } inner)
        {
            innermost = inner;
        }

        return new($"{Name}: cannot be reached: {innermost.Message.TrimEnd('.')}.", exception) { IsTransient = true };
    }

    private static bool IsAnswer(HttpStatusCode status) =>
        status is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable;

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private async ValueTask<HttpResponseMessage> SendOnceAsync(Uri target, long? from, long? to, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        if (from is not null)
        {
            request.Headers.Range = new RangeHeaderValue(from, to);
        }

        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("gpustack-operator", "0.1"));
        if (_options.HasToken && SameServer(target))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
        }

        using HttpDeadline deadline = Deadline(cancellationToken);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (Explains(exception, cancellationToken))
        {
            throw Failure(exception);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private bool SameServer(Uri target) =>
        Uri.Compare(target, _address, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private Uri Redirect(Uri current, HttpResponseMessage response)
    {
        if (response.Headers.Location is not { } location || !Uri.TryCreate(current, location, out Uri? next))
        {
            throw new ByteRangeException($"{Name}: the server redirects to nowhere; check the address.");
        }

        bool allowed = next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && current.Scheme == Uri.UriSchemeHttp);
        return allowed
            ? next
            : throw new ByteRangeException($"{Name}: the server redirects to a '{next.Scheme}' address, which is not followed; use another address.");
    }

    /// <summary>A hub's own tag and commit stand on its first answer; the storage that it redirects to has others.</summary>
    private void Capture(HttpResponseMessage response)
    {
        Commit ??= Header(response, "X-Repo-Commit");
        string? linked = Header(response, "X-Linked-Etag");
        if (ETag is null || linked is not null)
        {
            ETag = (linked ?? (IsAnswer(response.StatusCode) ? response.Headers.ETag?.Tag : null))?.Trim('"') ?? ETag;
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private ByteRangeException Refused(HttpStatusCode status)
    {
        string token = _options.HasToken ? "the token that was sent is not accepted" : "no token was sent";
        return status switch
        {
            HttpStatusCode.Unauthorized => new($"{Name}: the server asks for a token (401), {token}; check the name, and set HF_TOKEN or the model's secret if it is private or gated.") { Status = status },
            HttpStatusCode.Forbidden => new($"{Name}: access is refused (403), {(_options.HasToken ? "the token's account has no access" : token)}; accept the model's terms on its page, or use another token.") { Status = status },
            HttpStatusCode.NotFound => new($"{Name}: there is no such file (404); check repository, revision and file name.") { Status = status },
            HttpStatusCode.TooManyRequests => new($"{Name}: the server asks to wait (429); try again later.") { IsTransient = true, Status = status },
            >= HttpStatusCode.InternalServerError => new($"{Name}: the server failed ({(int)status}); try again later.") { IsTransient = true, Status = status },
            _ => new($"{Name}: the server answered {(int)status}; check the address.") { Status = status },
        };
    }
}
