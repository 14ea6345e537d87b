using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Writing;

/// <summary>Prepares the configuration that a client applies.</summary>
internal static class AppliedConfig
{
    /// <summary>What a configuration may set: by the status subresource the status alone, else all but status and identity.</summary>
    public static JsonObject Applicable(ApiRequest request, JsonObject config)
    {
        DropNulls(config);
        if (request.Subresource == "status")
        {
            var status = new JsonObject { ["metadata"] = new JsonObject { ["name"] = request.Name } };
            if (config["status"] is { } given)
                status["status"] = given.DeepClone();
            return status;
        }

        if (request.Resource.Definition.HasStatus && request.Resource.Definition.Key != BuiltInResources.Nodes)
            config.Remove("status");
        foreach (var field in (string[])["uid", "resourceVersion", "creationTimestamp", "generation", "deletionTimestamp"])
            (config["metadata"] as JsonObject)?.Remove(field);
        return config;
    }

    private static void DropNulls(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            foreach (var (name, value) in fields.ToList())
            {
                if (value is null)
                    fields.Remove(name);
                else
                    DropNulls(value);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                DropNulls(item);
        }
    }

    /// <exception cref="ApiException">The configuration has fields that the schema does not have.</exception>
    public static void RefuseUndeclared(ApiRequest request, JsonObject config)
    {
        var unknown = request.Resource.Rules.FindUnknown(config);
        if (unknown.Count == 0)
            return;
        var where = request.Resource.Namespaced ? $"{request.Namespace}/{request.Name}" : $"/{request.Name}";
        throw ApiException.Undeclared(
            $"failed to create typed patch object ({where}; {request.Resource.GroupVersion}, Kind={request.Resource.Kind}): {string.Join(", ", unknown.Select(path => $".{path}: field not declared in schema"))}");
    }
}
