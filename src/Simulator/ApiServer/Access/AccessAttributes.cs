using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>What somebody wants to do: with a resource, or with a path that is none.</summary>
/// <param name="Verb">Lower case; the HTTP method for a path.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural; empty for a path.</param>
/// <param name="Subresource">Empty for the resource itself.</param>
/// <param name="Namespace">Empty for the whole cluster.</param>
/// <param name="Name">Empty for no object in particular.</param>
/// <param name="Path">The path; empty for a resource.</param>
internal sealed record AccessAttributes(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string Path)
{
    /// <summary>Whether it is about a resource.</summary>
    public bool IsResource => Resource.Length > 0;

    /// <summary>As rules name it: with the subresource after a slash.</summary>
    public string Combined => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>The resource, as errors name it.</summary>
    public ResourceKey Key => new(Group, Resource);

    /// <summary>What a request wants to do.</summary>
    public static AccessAttributes Of(HttpRequest request)
    {
        var path = request.Path.Value!.TrimEnd('/');
        if (ResourcePath.Parse(path) is not { } resource)
            return new(request.Method.ToLowerInvariant(), "", "", "", "", "", path.Length == 0 ? "/" : path);
        var name = resource.Name ?? Selected(request) ?? "";
        var verb = request.Method switch
        {
            "GET" or "HEAD" when resource.Name is not null => "get",
            "GET" or "HEAD" => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => resource.Name is null ? "deletecollection" : "delete",
            var other => other.ToLowerInvariant(),
        };
        // A namespace is in itself: a Role of it may allow to read it.
        var scope = resource is { Group: "", Resource: "namespaces", Namespace: null } ? resource.Name : resource.Namespace;
        return new(verb, resource.Group, resource.Resource, resource.Subresource ?? "", scope ?? "", name, "");
    }

    /// <summary>What of a refusal says what was refused.</summary>
    public string Refusal(AccessUser user)
    {
        if (!IsResource)
            return $"User \"{user.Name}\" cannot {Verb} path \"{Path}\"";
        var scope = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        return $"User \"{user.Name}\" cannot {Verb} resource \"{Combined}\" in API group \"{Group}\" {scope}";
    }

    /// <summary>The one name that a list or a watch selects.</summary>
    private static string? Selected(HttpRequest request) => request.Query["fieldSelector"].ToString()
        .Split(',', StringSplitOptions.TrimEntries)
        .Select(term => term.Split('=', 2))
        .Where(term => term is ["metadata.name", _])
        .Select(term => term[1].TrimStart('='))
        .FirstOrDefault();
}
