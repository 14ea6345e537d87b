using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>
/// How a registry is asked: without anything first; its 401 names where a token is to be had, for anybody or for a login. Tokens live for
/// minutes, so that a later 401 fetches another one.
/// </summary>
internal sealed class OciAccess(HttpSession session, Uri registry, string repository, RegistryLogin? login) : HttpAccess(login?.Secret)
{
    private const int LargestAnswer = 128 << 10;
    private AuthenticationHeaderValue? _authorization;

    /// <inheritdoc />
    public override void Sign(HttpRequestMessage request) => request.Headers.Authorization = _authorization;

    /// <inheritdoc />
    public override async ValueTask<bool> AnswerAsync(HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        OciChallenge[] challenges = refusal.Headers.TryGetValues("WWW-Authenticate", out IEnumerable<string>? headers)
            ? [.. headers.Select(OciChallenge.Parse).OfType<OciChallenge>()] : [];
        AuthenticationHeaderValue? before = _authorization;
        _authorization = challenges.FirstOrDefault(challenge => challenge.Scheme == "bearer") is { } bearer
            ? await TokenAsync(bearer, cancellationToken).ConfigureAwait(false)
            : challenges.Length > 0 ? Basic() : null;
        return _authorization is not null && !_authorization.Equals(before);
    }

    /// <inheritdoc />
    public override string Explain(HttpStatusCode status, string? code) => status switch
    {
        HttpStatusCode.Unauthorized =>
            $"the registry asks for a login ({(int)status}), {Sent("the one that was sent is not accepted")}; check the name, and log in to {registry.Authority} with 'docker login'.",
        HttpStatusCode.Forbidden =>
            $"access is refused ({(int)status}), {Sent("the login has no access")}; log in to {registry.Authority} as somebody who may pull it.",
        _ => $"there is no such image ({(int)status}); check repository and tag.",
    };

    private AuthenticationHeaderValue? Basic() => login is null ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Secret}")));

    private async ValueTask<AuthenticationHeaderValue?> TokenAsync(OciChallenge challenge, CancellationToken cancellationToken)
    {
        if (login is { User.Length: 0 })
        {
            return new AuthenticationHeaderValue("Bearer", login.Secret);
        }

        string realm = challenge.Parameters.GetValueOrDefault("realm", "");
        if (!Uri.TryCreate(realm, UriKind.Absolute, out Uri? server)
            || !(server.Scheme == Uri.UriSchemeHttps || (server.Scheme == Uri.UriSchemeHttp && registry.Scheme == Uri.UriSchemeHttp)))
        {
            throw new ByteRangeException($"{registry.Authority}: the registry names no https address for tokens; check the registry.");
        }

        string scope = challenge.Parameters.GetValueOrDefault("scope", $"repository:{repository}:pull");
        string query = $"scope={Uri.EscapeDataString(scope)}"
            + (challenge.Parameters.TryGetValue("service", out string? service) ? $"&service={Uri.EscapeDataString(service)}" : "");
        var address = new UriBuilder(server) { Query = server.Query.Length > 1 ? $"{server.Query[1..]}&{query}" : query }.Uri;
        HttpDocument answer = await HttpDocument
            .ReadAsync(session, address, new Login(this, Basic()), LargestAnswer, null, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = HubJson.Parse(registry.Authority, answer.Body);
        string? token = HubJson.Text(json.RootElement, "token") ?? HubJson.Text(json.RootElement, "access_token");
        return AuthenticationHeaderValue.TryParse($"Bearer {token}", out AuthenticationHeaderValue? authorization) && !string.IsNullOrEmpty(token)
            ? authorization
            : throw new ByteRangeException($"{registry.Authority}: the server for tokens answered without one; check the registry.");
    }

    /// <summary>The login is for the server that the registry names for tokens, and for no other.</summary>
    private sealed class Login(OciAccess registry, AuthenticationHeaderValue? basic) : HttpAccess(token: null)
    {
        public override void Sign(HttpRequestMessage request) => request.Headers.Authorization = basic;

        public override string Explain(HttpStatusCode status, string? code) => registry.Explain(status, code);
    }
}
