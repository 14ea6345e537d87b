using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.ApiServer.CustomResources;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Writing;

/// <summary>Deletes objects, and answers as a real server does: the object while it waits, a success Status once it is gone.</summary>
internal sealed class ObjectDeleter(ClusterStore store, DefinitionController definitions, ValidatingAdmission admission)
{
    /// <summary>Deletes one object; the answer is a Status or the object.</summary>
    public async ValueTask<JsonObject> DeleteAsync(ApiRequest request, JsonObject? options)
    {
        var resource = request.Resource;
        var key = resource.Definition.Key;
        var read = ReadOptions(request, options);
        var current = store.Get(key, request.Namespace, request.Name!) ?? throw ApiException.NotFound(resource.Key, request.Name!);
        await AdmitAsync(request, current).ConfigureAwait(false);
        if (request.DryRun)
            return Success(resource, current);

        var deletion = Delete(resource, request.Namespace, request.Name!, read);
        return deletion.Gone && !resource.ReturnsDeleted
            ? Success(resource, deletion.Object)
            : ServedObject.Mutable(resource, deletion.Object);
    }

    /// <summary>Deletes one object of a collection; true when it was still there.</summary>
    public async ValueTask<bool> DeleteListedAsync(ApiRequest request, StoredObject item, JsonObject? options)
    {
        await AdmitAsync(request, item).ConfigureAwait(false);
        try
        {
            Delete(request.Resource, item.Namespace, item.Name, ReadOptions(request, options));
            return true;
        }
        catch (StoreException gone) when (gone.Failure == StoreFailure.NotFound)
        {
            return false;
        }
    }

    private ValueTask AdmitAsync(ApiRequest request, StoredObject current) =>
        admission.ValidateAsync(request, AdmissionAttributes.Delete, body: null, ServedObject.Body(request.Resource, current));

    private StoreDeletion Delete(ApiResource resource, string? @namespace, string name, StoreDeleteOptions options)
    {
        var key = resource.Definition.Key;
        if (key == BuiltInResources.CustomResourceDefinitions && store.Get(key, null, name) is { } definition)
            definitions.BeginRemoval(definition);
        var deletion = store.Delete(key, @namespace, name, options);
        if (key == BuiltInResources.CustomResourceDefinitions)
            return definitions.FinishRemoval(deletion);
        return deletion;
    }

    private static StoreDeleteOptions ReadOptions(ApiRequest request, JsonObject? options)
    {
        var policy = options?["propagationPolicy"].AsText() ?? request.Query("propagationPolicy");
        if (policy is null && options?["orphanDependents"].AsBool() == true)
            policy = "Orphan";
        return new StoreDeleteOptions
        {
            GracePeriodSeconds = options?["gracePeriodSeconds"].AsLong() ?? request.Number("gracePeriodSeconds"),
            Propagation = policy switch
            {
                null or "" or "Background" => Propagation.Background,
                "Foreground" => Propagation.Foreground,
                "Orphan" => Propagation.Orphan,
                _ => throw ApiException.Invalid(
                    new ResourceKey("meta.k8s.io", "DeleteOptions"), "",
                    [FieldProblem.NotSupported("propagationPolicy", policy, "Background", "Foreground", "Orphan")]),
            },
            Uid = options?["preconditions"]?["uid"].AsText(),
            ResourceVersion = options?["preconditions"]?["resourceVersion"].AsText(),
        };
    }

    private static JsonObject Success(ApiResource resource, StoredObject gone)
    {
        var details = new JsonObject { ["name"] = gone.Name };
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        details["uid"] = gone.Uid;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
