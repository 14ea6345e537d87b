using System.Net;
using System.Net.Http.Headers;

namespace GpuStack.Modeling.Sources;

/// <summary>Sends the requests for one address: redirects, what proves who asks, and a sentence for every refusal.</summary>
internal sealed class HttpExchange
{
    private readonly HttpSession _session;
    private readonly Uri _address;
    private readonly HttpAccess _access;
    private Uri? _resolved;

    public HttpExchange(HttpSession session, Uri address, HttpAccess access)
    {
        _session = session;
        _address = address;
        _access = access;

        // Without the query and user name, which may hold secrets.
        Name = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    public string Name { get; }

    public HttpSession Session => _session;

    /// <summary>The media types that the answer may have; null for any.</summary>
    public string? Accept { get; init; }

    /// <summary>The version of which a range is wanted: of another one the server sends everything (RFC 9110, If-Range). Null: of any.</summary>
    public EntityTagHeaderValue? IfRange { get; init; }

    public string? ETag { get; private set; }

    public string? Commit { get; private set; }

    /// <summary>
    /// Sends a request for a range (null: for everything) and returns an answer of 200, 206 or 416; everything else is an exception.
    /// Not tried again here: what reads the body decides that, for a body may break off as well.
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
        bool answered = false;
        for (int redirect = 0; redirect <= _session.Options.Redirects; redirect++)
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
                if (IsRedirect(response.StatusCode))
                {
                    target = Redirect(target, response);
                }
                else if (response.StatusCode == HttpStatusCode.Unauthorized && !answered && IsServer(target)
                    && await _access.AnswerAsync(response, cancellationToken).ConfigureAwait(false))
                {
                    answered = true;
                }
                else
                {
                    throw Refused(response, IsServer(target));
                }
            }
        }

        throw new ByteRangeException($"{Name}: more than {_session.Options.Redirects} redirects; check the address.");
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
            request.Headers.IfRange = IfRange is { } version ? new RangeConditionHeaderValue(version) : null;
        }

        if (Accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", Accept);
        }

        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("gpustack-operator", "0.1"));
        if (IsServer(target))
        {
            _access.Sign(request);
        }

        return await _session.SendAsync(Name, request, cancellationToken).ConfigureAwait(false);
    }

    private bool IsServer(Uri target) =>
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

    private ByteRangeException Refused(HttpResponseMessage response, bool own)
    {
        HttpStatusCode status = response.StatusCode;
        TimeSpan? wait = RetryAfter(response);
        string later = wait is { } time ? $"try again in {Math.Max(1, Math.Ceiling(time.TotalSeconds)):0} s" : "try again later";
        return status switch
        {
            HttpStatusCode.TooManyRequests => new($"{Name}: the server asks to wait (429); {later}.") { IsTransient = true, Status = status, RetryAfter = wait },
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
                new($"{Name}: the server failed ({(int)status}); {later}.") { IsTransient = true, Status = status, RetryAfter = wait },
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone when own =>
                new($"{Name}: {_access.Explain(status, Header(response, "X-Error-Code"))}") { Status = status, Code = Header(response, "X-Error-Code") },
            _ when !own => new($"{Name}: the server that it redirects to answered {(int)status}; try again, or use another address.") { Status = status },
            _ => new($"{Name}: the server answered {(int)status}; check the address.") { Status = status },
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _session.Options.TimeProvider.GetUtcNow() is { } left && left > TimeSpan.Zero ? left : TimeSpan.Zero,
        _ => null,
    };
}
