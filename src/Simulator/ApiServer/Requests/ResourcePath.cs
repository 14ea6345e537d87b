namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>A request path below <c>/api/VERSION</c> or <c>/apis/GROUP/VERSION</c>.</summary>
internal sealed record ResourcePath(string Group, string Version, string? Namespace, string Resource, string? Name, string? Subresource)
{
    /// <summary>The path's parts, or null when it is no resource path.</summary>
    public static ResourcePath? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", var coreVersion, .. var core])
            return Below("", coreVersion, core);
        return parts is ["apis", var group, var version, .. var rest] ? Below(group, version, rest) : null;
    }

    private static ResourcePath? Below(string group, string version, string[] rest)
    {
        for (var i = 0; i < rest.Length; i++)
            rest[i] = Uri.UnescapeDataString(rest[i]);
        return rest switch
        {
            [] => null,
            // A namespace is both an object and a scope: its own subresources are two.
            ["namespaces", var name, "status" or "finalize"] when group.Length == 0 => new(group, version, null, "namespaces", name, rest[2]),
            ["namespaces", var @namespace, var resource, .. var tail] => Tail(new(group, version, @namespace, resource, null, null), tail),
            [var resource, .. var tail] => Tail(new(group, version, null, resource, null, null), tail),
        };
    }

    private static ResourcePath? Tail(ResourcePath head, string[] tail) => tail switch
    {
        [] => head,
        [var name] => head with { Name = name },
        [var name, var subresource] => head with { Name = name, Subresource = subresource },
        [var name, .. var deeper] => head with { Name = name, Subresource = string.Join('/', deeper) },
    };
}
