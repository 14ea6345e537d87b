using GpuStack.Simulator.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>Says who asks: by bearer token, and by the headers of impersonation. Where roles are not evaluated, everybody is the administrator.</summary>
internal sealed class Authenticator(AccessControl control, ServiceAccountTokens tokens)
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
        RequireImpersonation(user, "users", name);
        foreach (var group in groups)
            RequireImpersonation(user, "groups", group);
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
            return AccessUser.Anonymous;
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return Find(token)?.User ?? throw ApiException.Unauthorized();
    }

    private void RequireImpersonation(AccessUser user, string resource, string name)
    {
        var wanted = new AccessAttributes("impersonate", "", resource, "", "", name, "");
        if (!control.Decide(user, wanted).IsAllowed)
            throw ApiException.Forbidden(wanted.Key, wanted.Name, wanted.Refusal(user));
    }
}
