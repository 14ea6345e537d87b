using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.ApiServer.Apply;
using GpuStack.Simulator.ApiServer.CustomResources;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Cluster.Quotas;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Writing;

/// <summary>
/// Creates, replaces, patches and applies objects. An update reads a version, makes the next one of it without holding any lock,
/// and starts over when another writer was faster; only a resourceVersion given by the client turns that into a conflict.
/// </summary>
/// <param name="store">The objects.</param>
/// <param name="definitions">What custom resources there are.</param>
/// <param name="admission">The webhooks.</param>
/// <param name="owners">Whether a writer may name owners; null where nobody asks.</param>
internal sealed class ObjectWriter(ClusterStore store, DefinitionController definitions, ValidatingAdmission admission, OwnerReferenceRule? owners = null)
{
    public async ValueTask<WriteResult> CreateAsync(ApiRequest request, JsonObject body)
    {
        var resource = request.Resource;
        BodyChecks.CheckKind(resource, body);
        var metadata = BodyChecks.CheckIdentity(request, body);
        RequireNamespace(request);
        BodyChecks.PrepareNew(resource, body, metadata);
        var warnings = BodyChecks.Decode(request, body);
        resource.Rules.ApplyDefaults(body);
        resource.Rules.PrepareCreate(body);
        BodyChecks.Validate(request, body, live: null);
        owners?.Check(request, null, body);
        var fields = new ManagedFields();
        FieldOwnership.Update(null, WithoutInitialStatus(resource, body), resource.Shape, UpdateManager(request), fields, Now());
        fields.Write((JsonObject)body["metadata"]!);
        await admission.ValidateAsync(request, AdmissionAttributes.Create, body, old: null).ConfigureAwait(false);
        return StoreNew(request, body, warnings);
    }

    /// <summary>Makes the next version of an object by <paramref name="change"/>: a replacement or a patch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="change">Makes the next body from a copy of the live one.</param>
    /// <param name="shown">What of a body webhooks are shown; null for the whole.</param>
    public async ValueTask<WriteResult> UpdateAsync(ApiRequest request, Func<JsonObject, JsonObject> change, Func<JsonObject, JsonObject>? shown = null)
    {
        var resource = request.Resource;
        while (true)
        {
            var current = Current(request) ?? throw ApiException.NotFound(resource.Key, request.Name!);
            var live = ServedObject.Body(resource, current);
            var next = change(ServedObject.Mutable(resource, current));
            BodyChecks.CheckKind(resource, next);
            CheckVersion(request, current, BodyChecks.CheckIdentity(request, next));
            var warnings = BodyChecks.Decode(request, next);
            resource.Rules.ApplyDefaults(next);
            next = Restrict(request, current, next);
            ObjectRules.KeepIdentity(current, next);
            if (request.Subresource is null)
                resource.Rules.PrepareUpdate(next, live);
            var metadata = (JsonObject)next["metadata"]!;
            var fields = metadata["managedFields"] is JsonArray ? ManagedFields.Read(metadata) : ManagedFields.Read(current.Metadata);
            if (metadata["managedFields"] is not JsonArray && current.Metadata["managedFields"] is { } kept)
                metadata["managedFields"] = kept.DeepClone();
            if (IsUnchanged(resource, current, next))
            {
                await AdmitUpdateAsync(request, next, live, shown).ConfigureAwait(false);
                return Shown(resource, current, created: false, warnings);
            }

            BodyChecks.Validate(request, next, live);
            owners?.Check(request, live, next);
            FieldOwnership.Update(live, next, resource.Shape, UpdateManager(request), fields, Now());
            fields.Write(metadata);
            await AdmitUpdateAsync(request, next, live, shown).ConfigureAwait(false);
            if (Replace(request, current, next, out var written))
                return written with { Warnings = warnings };
        }
    }

    public async ValueTask<WriteResult> ApplyAsync(ApiRequest request, JsonObject config)
    {
        var resource = request.Resource;
        var manager = ApplyManager(request);
        BodyChecks.CheckKind(resource, config);
        var given = BodyChecks.CheckIdentity(request, config);
        if (given["managedFields"] is not null)
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        AppliedConfig.RefuseUndeclared(request, config);
        var original = manager.Name == LastApplied.Manager ? (JsonObject)config.DeepClone() : config;
        var expected = (JsonObject)given.DeepClone();
        config = AppliedConfig.Applicable(request, config);
        while (true)
        {
            var current = Current(request);
            var live = current is null ? null : ServedObject.Body(resource, current);
            if (live is null && request.Subresource is not null)
                throw ApiException.NotFound(resource.Key, request.Name!);
            // A version that was given is compared with that of a live object; an apply that creates ignores it, as the generic registry does.
            if (current is not null)
                CheckVersion(request, current, expected);
            else if (expected["uid"].AsText() is { Length: > 0 } uid)
                throw ApiException.Conflict(resource.Key, request.Name!, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
            if (current is null)
                request.Access.Require("create");
            var fields = Owners(current, live, resource);
            var copy = current is null ? [] : ServedObject.Mutable(resource, current);
            var next = FieldOwnership.Apply(copy, config, resource.Shape, manager, fields, Now());
            next["apiVersion"] = resource.GroupVersion;
            next["kind"] = resource.Kind;
            if (current is null)
                RequireNamespace(request);
            _ = resource.Rules.Decode(next);
            resource.Rules.ApplyDefaults(next);
            if (current is null)
                resource.Rules.PrepareCreate(next);
            else
                Settle(request, current, live!, ref next);
            BodyChecks.Validate(request, next, live);
            owners?.Check(request, live, next);
            FieldOwnership.FinishApply(live, next, resource.Shape, manager, fields, request.Force, Now());
            fields.Write((JsonObject)next["metadata"]!);
            if (manager.Name == LastApplied.Manager)
                LastApplied.Refresh(next, original);
            await admission.ValidateAsync(request, current is null ? AdmissionAttributes.Create : AdmissionAttributes.Update, next, live).ConfigureAwait(false);
            if (current is null)
            {
                if (TryStoreNew(request, next) is { } created)
                    return created;
                continue;
            }

            if (Replace(request, current, next, out var written))
                return written;
        }
    }

    private ValueTask AdmitUpdateAsync(ApiRequest request, JsonObject next, JsonObject live, Func<JsonObject, JsonObject>? shown) =>
        admission.ValidateAsync(request, AdmissionAttributes.Update, shown?.Invoke(next) ?? next, shown?.Invoke(live) ?? live);

    /// <summary>The status that a new object starts with is the server's, not its creator's.</summary>
    private static JsonObject WithoutInitialStatus(ApiResource resource, JsonObject body)
    {
        if (!resource.Definition.HasStatus || resource.Definition.Key == BuiltInResources.Nodes || body["status"] is null)
            return body;
        var written = (JsonObject)body.DeepClone();
        written.Remove("status");
        return written;
    }

    private static void Settle(ApiRequest request, StoredObject current, JsonObject live, ref JsonObject next)
    {
        next = Restrict(request, current, next);
        ObjectRules.KeepIdentity(current, next);
        if (request.Subresource is null)
            request.Resource.Rules.PrepareUpdate(next, live);
    }

    /// <summary>An object that came without owners belongs to whoever made it before the first apply.</summary>
    private static ManagedFields Owners(StoredObject? current, JsonObject? live, ApiResource resource)
    {
        if (current is null)
            return new ManagedFields();
        var fields = ManagedFields.Read(current.Metadata);
        if (!fields.IsEmpty)
            return fields;
        var before = new FieldManager("before-first-apply", FieldManager.Update, resource.GroupVersion, "");
        FieldOwnership.Update(null, live!, resource.Shape, before, fields, current.Metadata["creationTimestamp"].AsText() ?? "");
        return fields;
    }

    /// <summary>The status subresource takes the status alone; the object itself takes all but the status.</summary>
    private static JsonObject Restrict(ApiRequest request, StoredObject current, JsonObject next)
    {
        if (request.Subresource == "status")
        {
            var restricted = ServedObject.Mutable(request.Resource, current);
            restricted.Remove("status");
            if (next.Remove("status", out var status) && status is not null)
                restricted["status"] = status;
            if (next["metadata"]?["managedFields"] is { } fields)
                restricted["metadata"]!["managedFields"] = fields.DeepClone();
            return restricted;
        }

        if (!request.Resource.Definition.HasStatus)
            return next;
        next.Remove("status");
        if (ServedObject.Mutable(request.Resource, current).Remove("status", out var kept))
            next["status"] = kept;
        return next;
    }

    private static bool IsUnchanged(ApiResource resource, StoredObject current, JsonObject next) =>
        resource.Conversion is null ? current.IsSame(next) : JsonNode.DeepEquals(next, ServedObject.Body(resource, current));

    private static FieldManager UpdateManager(ApiRequest request) =>
        new(request.FieldManager, FieldManager.Update, request.Resource.GroupVersion, request.Subresource ?? "");

    private static FieldManager ApplyManager(ApiRequest request)
    {
        if (request.Query("fieldManager") is not { Length: > 0 } name)
        {
            throw ApiException.Invalid(
                new ResourceKey("meta.k8s.io", "PatchOptions"), "", [FieldProblem.Required("fieldManager", "is required for apply patch")]);
        }

        return new FieldManager(name, FieldManager.Apply, request.Resource.GroupVersion, request.Subresource ?? "");
    }

    private static void CheckVersion(ApiRequest request, StoredObject current, JsonObject metadata)
    {
        if (metadata["resourceVersion"].AsText() is { Length: > 0 } version
            && !string.Equals(version, current.Metadata["resourceVersion"].AsText(), StringComparison.Ordinal))
            throw ApiException.Modified(request.Resource.Key, current.Name);
        if (metadata["uid"].AsText() is { Length: > 0 } uid && !string.Equals(uid, current.Uid, StringComparison.Ordinal))
        {
            throw ApiException.Conflict(
                request.Resource.Key, current.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }
    }

    private StoredObject? Current(ApiRequest request) => store.Get(request.Resource.Definition.Key, request.Namespace, request.Name!);

    private void RequireNamespace(ApiRequest request)
    {
        if (request.Namespace is { } name && store.Get(BuiltInResources.Namespaces, null, name) is null)
            throw ApiException.NotFound(BuiltInResources.Namespaces, name);
    }

    private bool Replace(ApiRequest request, StoredObject current, JsonObject next, out WriteResult written)
    {
        var resource = request.Resource;
        if (request.DryRun)
        {
            written = new WriteResult(null, next, Created: false, []);
            return true;
        }

        var body = resource.Conversion is null ? next : resource.Conversion.ToStored(next);
        if (!store.TryReplace(current, body, out var stored))
        {
            written = null!;
            return false;
        }

        if (resource.Definition.Key == BuiltInResources.CustomResourceDefinitions && !ReferenceEquals(stored, current))
            stored = definitions.Register(stored);
        written = Shown(resource, stored, created: false, []);
        return true;
    }

    private WriteResult StoreNew(ApiRequest request, JsonObject body, IReadOnlyList<string> warnings)
    {
        var name = body["metadata"]!["name"].AsText()!;
        return TryStoreNew(request, body) is { } written
            ? written with { Warnings = warnings }
            : throw ApiException.AlreadyExists(request.Resource.Key, name);
    }

    private WriteResult? TryStoreNew(ApiRequest request, JsonObject body)
    {
        var resource = request.Resource;
        var key = resource.Definition.Key;
        if (request.DryRun)
        {
            if (store.Get(key, request.Namespace, body["metadata"]!["name"].AsText()!) is not null)
                return null;
            ObjectRules.PrepareNew(resource.Definition, body, Now());
            QuotaGate.Check(store, key, body);
            return new WriteResult(null, body, Created: true, []);
        }

        StoredObject stored;
        try
        {
            stored = QuotaGate.Create(store, key, resource.Conversion is null ? body : resource.Conversion.ToStored(body));
        }
        catch (StoreException exists) when (exists.Failure == StoreFailure.AlreadyExists)
        {
            return null;
        }

        if (key == BuiltInResources.CustomResourceDefinitions)
            stored = definitions.Register(stored);
        return Shown(resource, stored, created: true, []);
    }

    private static WriteResult Shown(ApiResource resource, StoredObject stored, bool created, IReadOnlyList<string> warnings) =>
        new(stored, resource.Conversion is null ? null : ServedObject.Body(resource, stored), created, warnings);

    private string Now() => ObjectRules.Timestamp(store.Time.GetUtcNow());
}
