using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>Reads field sets out of objects: what an applied configuration names, and what differs between two versions.</summary>
internal static class FieldWalk
{
    /// <summary>
    /// The fields that a configuration names: its leaves, and the items of its list maps. Maps on the way are not named, so that
    /// several managers can share them.
    /// </summary>
    public static FieldSet Named(JsonObject body, FieldShape shape)
    {
        var set = new FieldSet();
        foreach (var (name, value) in body)
            AddNamed(set.GetOrAdd(PathElement.Field(name)), value, shape.Field(name), name);
        return set;
    }

    /// <summary>What changed between two versions.</summary>
    /// <param name="old">The version before.</param>
    /// <param name="next">The version after.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="isTracked">Whether a top-level field counts; null for all.</param>
    public static FieldChanges Compare(JsonObject old, JsonObject next, FieldShape shape, Func<string, bool>? isTracked = null)
    {
        var changes = new FieldChanges(new FieldSet(), new FieldSet(), new FieldSet());
        CompareFields(old, next, shape, changes, isTracked);
        return changes;
    }

    /// <summary>The items of a list by their path element.</summary>
    public static IEnumerable<(string Element, JsonNode? Item)> Items(JsonArray list, FieldShape shape, string field)
    {
        foreach (var item in list)
        {
            if (shape.Merge == ListMerge.Set)
            {
                yield return (PathElement.Value(item), item);
                continue;
            }

            var key = PathElement.Key(item, shape.Keys) ?? throw ApiException.BadRequest(
                $"{field}: associative list with keys has an element that omits key field \"{shape.Keys[0].Name}\" (and doesn't have default value)");
            yield return (key, item);
        }
    }

    public static bool IsGranular(JsonNode? value, FieldShape shape) => value switch
    {
        JsonObject => !shape.Atomic,
        JsonArray => shape.Kind == ShapeKind.List && shape.Merge != ListMerge.Atomic,
        _ => false,
    };

    private static void AddNamed(FieldSet set, JsonNode? value, FieldShape shape, string field)
    {
        if (!IsGranular(value, shape) || value is JsonObject { Count: 0 } or JsonArray { Count: 0 })
        {
            set.IsMember = true;
            return;
        }

        if (value is JsonObject fields)
        {
            foreach (var (name, child) in fields)
                AddNamed(set.GetOrAdd(PathElement.Field(name)), child, shape.Field(name), name);
            return;
        }

        foreach (var (element, item) in Items((JsonArray)value!, shape, field))
        {
            var member = set.GetOrAdd(element);
            if (item is JsonObject)
                AddNamed(member, item, shape.Item, field);
            member.IsMember = true;
        }
    }

    public static void CompareFields(JsonObject old, JsonObject next, FieldShape shape, FieldChanges changes, Func<string, bool>? isTracked = null)
    {
        foreach (var (name, value) in next)
        {
            if (isTracked is not null && !isTracked(name))
                continue;
            var element = PathElement.Field(name);
            CompareValues(old[name], old.ContainsKey(name), value, isInNext: true, shape.Field(name), changes, element, name);
        }

        foreach (var (name, value) in old)
        {
            if (!next.ContainsKey(name) && (isTracked is null || isTracked(name)))
                CompareValues(value, isInOld: true, null, isInNext: false, shape.Field(name), changes, PathElement.Field(name), name);
        }
    }

    private static void CompareValues(
        JsonNode? old, bool isInOld, JsonNode? next, bool isInNext, FieldShape shape, FieldChanges changes, string element, string field)
    {
        if (!isInOld)
        {
            AddAll(changes.Added.GetOrAdd(element), next, shape, field);
            return;
        }

        if (!isInNext)
        {
            AddAll(changes.Removed.GetOrAdd(element), old, shape, field);
            return;
        }

        if (!IsGranular(old, shape) || !IsGranular(next, shape) || old!.GetType() != next!.GetType())
        {
            if (!JsonNode.DeepEquals(old, next))
                changes.Modified.GetOrAdd(element).IsMember = true;
            return;
        }

        var below = changes.Below(element);
        if (old is JsonObject oldFields)
            CompareFields(oldFields, (JsonObject)next, shape, below);
        else
            CompareItems((JsonArray)old, (JsonArray)next, shape, below, field);
        changes.Trim(element);
    }

    private static void CompareItems(JsonArray old, JsonArray next, FieldShape shape, FieldChanges changes, string field)
    {
        var before = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (element, item) in Items(old, shape, field))
            before[element] = item;
        foreach (var (element, item) in Items(next, shape, field))
        {
            var isInOld = before.Remove(element, out var oldItem);
            CompareValues(oldItem, isInOld, item, isInNext: true, shape.Item, changes, element, field);
        }

        foreach (var (element, item) in before)
            CompareValues(item, isInOld: true, null, isInNext: false, shape.Item, changes, element, field);
    }

    /// <summary>A value that came or went as a whole: every path in it, maps included.</summary>
    private static void AddAll(FieldSet set, JsonNode? value, FieldShape shape, string field)
    {
        set.IsMember = true;
        if (!IsGranular(value, shape))
            return;
        if (value is JsonObject fields)
        {
            foreach (var (name, child) in fields)
                AddAll(set.GetOrAdd(PathElement.Field(name)), child, shape.Field(name), name);
            return;
        }

        foreach (var (element, item) in Items((JsonArray)value!, shape, field))
            AddAll(set.GetOrAdd(element), item, shape.Item, field);
    }
}
