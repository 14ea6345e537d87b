using GpuStack.Simulator.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>
/// Says who asks: by bearer token, and by the headers of impersonation. Where roles are not evaluated, everybody is the administrator; so is,
/// over plain HTTP, whoever shows no token, as on the insecure port that API servers once had: clients send their tokens over TLS only.
/// </summary>
/// <param name="control">Whether roles are evaluated, and who may impersonate.</param>
/// <param name="tokens">Whose tokens are known.</param>
/// <param name="isSecure">Whether the server speaks TLS.</param>
internal sealed class Authenticator(AccessControl control, ServiceAccountTokens tokens, bool isSecure)
{
    /// <summary>The token in the kubeconfig that the server hands out.</summary>
    public const string AdministratorToken = "simulated";

    private const string Scheme = "Bearer ";

    /// <exception cref="ApiException">401: the token is nobody's; 403: the user may not be impersonated.</exception>
    public AccessUser Authenticate(HttpRequest request)
    {
        var user = control.Evaluates ? Holder(request) : AccessUser.Administrator;
        var name = request.Headers["Impersonate-User"].ToString();
        if (name.Length == 0)
            return user;
        string[] groups = [.. request.Headers["Impersonate-Group"].Select(group => group ?? "")];
        // ServiceAccounts are a resource of their own to impersonate.
        if (AccessUser.Account(name) is { } account)
            RequireImpersonation(user, "serviceaccounts", account.Namespace, account.Name);
        else
            RequireImpersonation(user, "users", "", name);
        foreach (var group in groups)
            RequireImpersonation(user, "groups", "", group);
        return AccessUser.Impersonated(name, groups);
    }

    /// <summary>Whose a token is, with the uid of a ServiceAccount; null when it is nobody's.</summary>
    public (AccessUser User, string? Uid)? Find(string token)
    {
        if (token == AdministratorToken)
            return (AccessUser.Administrator, null);
        return tokens.Find(token) is { } account ? (account.User, account.Uid) : null;
    }

    private AccessUser Holder(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return isSecure ? AccessUser.Anonymous : AccessUser.Administrator;
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return Find(token)?.User ?? throw ApiException.Unauthorized();
    }

    private void RequireImpersonation(AccessUser user, string resource, string @namespace, string name)
    {
        var wanted = new AccessAttributes("impersonate", "", resource, "", @namespace, name, "");
        if (!control.Decide(user, wanted).IsAllowed)
            throw ApiException.Forbidden(wanted.Key, wanted.Name, wanted.Refusal(user));
    }
}
