using System.Net;
using System.Net.Http.Headers;

namespace GpuStack.Modeling.Sources;

/// <summary>How one server is asked: what proves who asks, and what its refusals mean. This one sends a bearer token, where there is one.</summary>
/// <param name="token">The token; sent to the server of the first address only.</param>
internal class HttpAccess(string? token)
{
    /// <summary>Whether something that proves who asks is sent.</summary>
    protected bool HasToken => !string.IsNullOrEmpty(token);

    /// <summary>Completes a request to the server; requests to others that it redirects to do not come here.</summary>
    public virtual void Sign(HttpRequestMessage request)
    {
        if (HasToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Called with a 401 of the server; true when something was learnt that may open it, so that it is asked once more.</summary>
    /// <exception cref="ByteRangeException">What is needed to answer cannot be had.</exception>
    public virtual ValueTask<bool> AnswerAsync(HttpResponseMessage refusal, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <summary>The rest of the sentence "NAME: …" for a refusal of the server with 401, 403, 404 or 410.</summary>
    /// <param name="status">The answer's status.</param>
    /// <param name="code">The hub's own name for it (X-Error-Code), where it gives one.</param>
    public virtual string Explain(HttpStatusCode status, string? code) => status switch
    {
        HttpStatusCode.Unauthorized => $"the server asks for a token (401), {Sent("the token that was sent is not accepted")}; check the name, and give a token if it is private.",
        HttpStatusCode.Forbidden => $"access is refused (403), {Sent("the token's account has no access")}; use a token of an account that may read it.",
        _ => $"there is no such file ({(int)status}); check the address.",
    };

    /// <summary>What is known of the token.</summary>
    protected string Sent(string sent) => HasToken ? sent : "no token was sent";
}
