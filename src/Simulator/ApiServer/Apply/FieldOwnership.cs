using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>
/// Field ownership. An applier owns what its last configuration named; whoever writes otherwise owns what the write changed.
/// <para>
/// An apply merges the configuration into the live object, removes what the manager named last time and nobody names now, and
/// conflicts when that changes a field of another manager, unless forced: then the field changes hands. An update takes every
/// field that it changes.
/// </para>
/// </summary>
internal static class FieldOwnership
{
    private static readonly string[] Untracked =
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
         "deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>Applies a configuration. The result still needs defaults and validation, and then <see cref="FinishApply"/>.</summary>
    /// <param name="merged">A copy of the live object, empty to create one; it becomes the result.</param>
    /// <param name="applied">The configuration, without what the subresource does not take.</param>
    /// <param name="shape">The object's shape.</param>
    /// <param name="manager">Who applies.</param>
    /// <param name="owners">The owners before; left as they are, but for the manager's own new set.</param>
    /// <param name="now">The time to record.</param>
    public static JsonObject Apply(JsonObject merged, JsonObject applied, FieldShape shape, FieldManager manager, ManagedFields owners, string now)
    {
        var named = Tracked(FieldWalk.Named(applied, shape));
        var last = owners.Of(manager) ?? new FieldSet();
        TypedMerge.Merge(merged, applied, shape);
        owners.Set(manager, named, now, touch: false);
        var owned = owners.Union();
        TypedMerge.Prune(merged, last, owned, shape);
        return merged;
    }

    /// <summary>Settles an apply: conflicts with other managers, and what they lose.</summary>
    /// <exception cref="ApiException">409: others own fields that would change.</exception>
    public static void FinishApply(JsonObject? live, JsonObject result, FieldShape shape, FieldManager manager, ManagedFields owners, bool force, string now)
    {
        var changes = Changes(live, result, shape, manager);
        var named = owners.Of(manager) ?? new FieldSet();
        var written = changes.Written();
        if (!force)
            RefuseConflicts(manager, named, written, owners, live, shape);
        owners.TakeFromOthers(manager, written);
        owners.TakeFromOthers(manager, changes.Removed);
        if (!changes.IsEmpty)
            owners.Set(manager, named, now, touch: true);
    }

    /// <summary>Settles a create, update or patch.</summary>
    public static void Update(JsonObject? live, JsonObject result, FieldShape shape, FieldManager manager, ManagedFields owners, string now)
    {
        var changes = Changes(live, result, shape, manager);
        if (changes.IsEmpty)
            return;
        var written = changes.Written();
        owners.TakeFromOthers(manager, written);
        owners.TakeFromOthers(manager, changes.Removed);
        var mine = (owners.Of(manager) ?? new FieldSet()).Clone();
        mine.ExceptWith(changes.Removed);
        mine.UnionWith(written);
        owners.Set(manager, mine, now, touch: true);
    }

    private static void RefuseConflicts(
        FieldManager manager, FieldSet named, FieldSet written, ManagedFields owners, JsonObject? live, FieldShape shape)
    {
        var allowed = manager.Name == LastApplied.Manager ? LastApplied.Untouched(live, shape) : new FieldSet();
        var conflicts = new List<(string Message, string Field)>();
        foreach (var other in owners.Managers.Where(other => other != manager).OrderBy(other => other.Name, StringComparer.Ordinal))
        {
            var lost = owners.Of(other)!.Intersect(written).Intersect(named);
            lost.ExceptWith(allowed);
            var who = other.Applies ? $"conflict with \"{other.Name}\"" : Describe(other);
            conflicts.AddRange(lost.Paths().Select(path => (who, path)));
        }

        if (conflicts.Count > 0)
            throw ApiException.ApplyConflict(conflicts);
    }

    private static string Describe(FieldManager other)
    {
        var subresource = other.Subresource.Length > 0 ? $" with subresource \"{other.Subresource}\"" : "";
        return $"conflict with \"{other.Name}\"{subresource} using {other.ApiVersion}";
    }

    private static FieldSet Tracked(FieldSet set)
    {
        set.Remove("f:apiVersion");
        set.Remove("f:kind");
        if (set.Child("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
            foreach (var field in Untracked)
                metadata.Remove(PathElement.Field(field));
            if (metadata.IsEmpty)
                set.Remove("f:metadata");
        }

        return set;
    }

    /// <summary>What changed, without what nobody owns: identity, and what every object of the type has anyway.</summary>
    private static FieldChanges Changes(JsonObject? live, JsonObject result, FieldShape shape, FieldManager manager)
    {
        // Whatever is sent to it, the status subresource changes the status alone.
        if (live is not null && manager.Subresource == "status")
            return FieldWalk.Compare(live, result, shape, field => field == "status");
        var before = live ?? [];
        if (live is null && shape.TypeName is not null && shape.Fields.ContainsKey("spec"))
            before["spec"] = new JsonObject();
        var changes = FieldWalk.Compare(before, result, shape, field => field is not ("apiVersion" or "kind" or "metadata"));
        FieldWalk.CompareFields(
            live?["metadata"] as JsonObject ?? [], result["metadata"] as JsonObject ?? [], shape.Field("metadata"),
            changes.Below("f:metadata"), field => !Untracked.Contains(field));
        changes.Trim("f:metadata");
        return changes;
    }
}
