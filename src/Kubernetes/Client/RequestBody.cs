using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>Bodies that are not simply an object.</summary>
internal static class RequestBody
{
    /// <summary>Nothing but the status, and what says whose it is: an apply owns every field that it carries.</summary>
    public static JsonObject Status(IKubernetesObject entity, JsonObject whole)
    {
        var metadata = new JsonObject { ["name"] = entity.Metadata.Name };
        if (entity.Metadata.Namespace is { } namespaceName) metadata["namespace"] = namespaceName;
        // With the uid, a status never lands on a namesake created meanwhile.
        if (entity.Metadata.Uid is { } uid) metadata["uid"] = uid;
        return new JsonObject
        {
            ["apiVersion"] = entity.ApiVersion,
            ["kind"] = entity.Kind,
            ["metadata"] = metadata,
            ["status"] = whole["status"]?.DeepClone() ?? new JsonObject(),
        };
    }

    public static JsonObject Delete(DeleteOptions options)
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (options.GracePeriodSeconds is { } grace) body["gracePeriodSeconds"] = grace;
        if (options.PropagationPolicy is { } policy) body["propagationPolicy"] = policy.ToString();
        if (options.Preconditions is not { } preconditions) return body;
        var node = new JsonObject();
        if (preconditions.Uid is { } uid) node["uid"] = uid;
        if (preconditions.ResourceVersion is { } version) node["resourceVersion"] = version;
        body["preconditions"] = node;
        return body;
    }
}
