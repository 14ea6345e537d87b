using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>There is one user with all rights; whoever else is impersonated has none.</summary>
internal static class Impersonation
{
    public const string Administrator = "kubernetes-admin";
    private const string AdministratorGroup = "system:masters";

    public static bool IsAdministrator(string? user, IEnumerable<string?> groups) => user == Administrator || groups.Contains(AdministratorGroup);

    /// <summary>Whether the request comes from the one user.</summary>
    public static bool IsAllowed(HttpContext http)
    {
        var user = http.Request.Headers["Impersonate-User"].ToString();
        return user.Length == 0 || IsAdministrator(user, http.Request.Headers["Impersonate-Group"]);
    }

    /// <exception cref="ApiException">403: an impersonated user without rights.</exception>
    public static void Check(HttpContext http, ResourcePath path, ApiResource resource)
    {
        if (IsAllowed(http))
            return;
        var user = http.Request.Headers["Impersonate-User"].ToString();
        var verb = http.Request.Method switch
        {
            "GET" => http.Request.Query.ContainsKey("watch") ? "watch" : path.Name is null ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            _ => path.Name is null ? "deletecollection" : "delete",
        };
        var scope = path.Namespace is null ? "at the cluster scope" : $"in the namespace \"{path.Namespace}\"";
        var what = path.Name is null ? $"{resource.Key}" : $"{resource.Key} \"{path.Name}\"";
        throw ApiException.Forbidden(
            resource.Key, $"{what} is forbidden: User \"{user}\" cannot {verb} resource \"{resource.Plural}\" in API group \"{resource.Group}\" {scope}");
    }
}
