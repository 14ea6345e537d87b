using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.CustomResources;

/// <summary>
/// Serves the resources of CustomResourceDefinitions: checks a definition before it is stored, registers what it defines as soon
/// as it is, and takes that away with it. A definition is Established when its write is answered; a real server takes a moment.
/// </summary>
internal sealed class DefinitionController(ClusterStore store, ResourceCatalog catalog)
{
    private const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>Adds what is wrong with a definition.</summary>
    public static void Validate(JsonObject body, JsonObject? old, List<FieldProblem> problems)
    {
        _ = DefinitionReader.Read(body, problems);
        if (old is null)
            return;
        foreach (var field in (string[])["group", "scope"])
        {
            if (!JsonNode.DeepEquals(body["spec"]?[field], old["spec"]?[field]))
                problems.Add(FieldProblem.Invalid($"spec.{field}", $"\"{body["spec"]?[field]}\"", "field is immutable"));
        }
    }

    /// <summary>Serves what is stored already.</summary>
    public void RegisterAll()
    {
        foreach (var definition in store.List(BuiltInResources.CustomResourceDefinitions).Items)
            Register(definition);
    }

    /// <summary>Serves a stored definition and returns it with its conditions.</summary>
    public StoredObject Register(StoredObject definition)
    {
        var problems = new List<FieldProblem>();
        var resources = DefinitionReader.Read(definition.Body, problems);
        if (problems.Count > 0 || definition.IsBeingDeleted)
            return definition;
        var spec = definition.Body["spec"]!;
        if (resources.Count > 0)
            store.Register(resources[0].Definition);
        catalog.ReplaceCustom(spec["group"].AsText()!, spec["names"]!["plural"].AsText()!, resources);
        return store.Modify(BuiltInResources.CustomResourceDefinitions, null, definition.Name, Accept) ?? definition;
    }

    /// <summary>Holds a definition until its objects are gone.</summary>
    public void BeginRemoval(StoredObject definition) =>
        store.Modify(BuiltInResources.CustomResourceDefinitions, null, definition.Name, body =>
        {
            var metadata = (JsonObject)body["metadata"]!;
            if (metadata["deletionTimestamp"] is null)
                metadata["finalizers"] = new JsonArray(CleanupFinalizer);
        });

    /// <summary>
    /// Deletes the objects of a definition that is being deleted. When finalizers hold some of them, the definition stays, and goes
    /// with the last of them.
    /// </summary>
    public StoreDeletion FinishRemoval(StoreDeletion deletion)
    {
        var definition = deletion.Object;
        var spec = definition.Body["spec"]!;
        var key = new ResourceKey(spec["group"].AsText()!, spec["names"]!["plural"].AsText()!);
        var watch = store.Watch(key);
        foreach (var item in watch.Initial.Items)
        {
            try
            {
                store.Delete(key, item.Namespace, item.Name);
            }
            catch (StoreException gone) when (gone.Failure == StoreFailure.NotFound)
            {
                // Deleted by somebody else: just as well.
            }
        }

        _ = RemoveWhenEmptyAsync(key, definition.Name, watch);
        return deletion;
    }

    private async Task RemoveWhenEmptyAsync(ResourceKey key, string name, StoreWatch watch)
    {
        using (watch)
        {
            while (store.List(key).Items.Count > 0)
            {
                if (!await watch.Events.WaitToReadAsync().ConfigureAwait(false))
                    return;
                while (watch.Events.TryRead(out _))
                {
                }
            }
        }

        catalog.ReplaceCustom(key.Group, key.Resource, []);
        store.Unregister(key);
        store.Modify(BuiltInResources.CustomResourceDefinitions, null, name, body => ((JsonObject)body["metadata"]!).Remove("finalizers"));
    }

    private void Accept(JsonObject body)
    {
        var spec = (JsonObject)body["spec"]!;
        if (body["status"] is not JsonObject status)
            body["status"] = status = [];
        status["acceptedNames"] = spec["names"]!.DeepClone();
        status["storedVersions"] = new JsonArray([.. spec["versions"]!.AsArray()
            .Where(version => version?["storage"].AsBool() == true).Select(version => version!["name"]!.DeepClone())]);
        if (status["conditions"] is JsonArray { Count: > 0 })
            return;
        var now = ObjectRules.Timestamp(store.Time.GetUtcNow());
        status["conditions"] = new JsonArray(
            Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
            Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now));
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
