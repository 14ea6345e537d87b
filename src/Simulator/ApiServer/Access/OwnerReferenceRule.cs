using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>
/// The admission plugin OwnerReferencesPermissionEnforcement, which OpenShift's clusters have: whoever changes the owners of an object must
/// be allowed to delete it, and whoever lets it block its owner's deletion must be allowed to set the owner's finalizers.
/// </summary>
internal sealed class OwnerReferenceRule(ResourceCatalog catalog)
{
    /// <exception cref="ApiException">403: not allowed.</exception>
    public void Check(ApiRequest request, JsonObject? live, JsonObject next)
    {
        var before = References(live);
        var after = References(next);
        if (request.Subresource is not null || (before.Count == after.Count && before.Zip(after).All(pair => JsonNode.DeepEquals(pair.First, pair.Second))))
            return;
        var access = request.Access;
        var name = next["metadata"]!["name"].AsText() ?? "";
        var target = access.Wanted with { Name = name };
        if (live is not null && !access.May(target with { Verb = "delete" }))
            throw access.Refusal(target, "cannot set an ownerRef on a resource you can't delete: , <nil>");
        foreach (var owner in after.Where(one => Blocks(one) && !before.Exists(old => Blocks(old) && old["uid"].AsText() == one["uid"].AsText())))
        {
            if (Of(owner, request.Namespace ?? "") is not { } finalizers || !access.May(finalizers))
                throw access.Refusal(target, "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>");
        }
    }

    private AccessAttributes? Of(JsonObject owner, string @namespace)
    {
        var version = owner["apiVersion"].AsText() ?? "";
        var group = version.Contains('/') ? version[..version.IndexOf('/')] : "";
        var resource = catalog.All.FirstOrDefault(one => one.Group == group && one.Kind == owner["kind"].AsText());
        return resource is null ? null : new("update", group, resource.Plural, "finalizers", resource.Namespaced ? @namespace : "", owner["name"].AsText() ?? "", "");
    }

    private static bool Blocks(JsonObject owner) => owner["blockOwnerDeletion"].AsBool() == true;

    private static List<JsonObject> References(JsonObject? body) => [.. (body?["metadata"]?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>()];
}
