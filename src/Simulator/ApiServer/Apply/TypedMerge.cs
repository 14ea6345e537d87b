using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>Puts an applied configuration over the live object, and takes out what its manager no longer names.</summary>
internal static class TypedMerge
{
    /// <summary>Merges <paramref name="applied"/> into <paramref name="live"/>, which is changed.</summary>
    public static void Merge(JsonObject live, JsonObject applied, FieldShape shape)
    {
        foreach (var (name, value) in applied)
        {
            var before = live[name];
            var merged = MergeValue(before, value, shape.Field(name), name);
            if (!ReferenceEquals(before, merged))
                live[name] = merged;
        }
    }

    /// <summary>
    /// Removes from <paramref name="body"/> what <paramref name="last"/> names and nobody in <paramref name="owned"/> does. Unowned
    /// content of a removed list item goes with it; a map that becomes empty goes too, unless somebody owns it.
    /// </summary>
    public static void Prune(JsonObject body, FieldSet last, FieldSet owned, FieldShape shape)
    {
        foreach (var (element, before) in last.Children)
        {
            if (!element.StartsWith("f:", StringComparison.Ordinal))
                continue;
            var name = element[2..];
            if (!body.TryGetPropertyValue(name, out var value))
                continue;
            var now = owned.Child(element);
            if (now is null && before.IsMember)
            {
                body.Remove(name);
                continue;
            }

            PruneWithin(value, before, now ?? new FieldSet(), shape.Field(name), name);
            if (value is JsonObject { Count: 0 } or JsonArray { Count: 0 } && now is not { IsMember: true } && before.HasChildren)
                body.Remove(name);
        }
    }

    private static void PruneWithin(JsonNode? value, FieldSet last, FieldSet owned, FieldShape shape, string field)
    {
        if (!FieldWalk.IsGranular(value, shape))
            return;
        if (value is JsonObject fields)
        {
            Prune(fields, last, owned, shape);
            return;
        }

        var list = (JsonArray)value!;
        foreach (var (element, item) in FieldWalk.Items(list, shape, field).ToList())
        {
            if (last.Child(element) is not { } before)
                continue;
            var now = owned.Child(element);
            if (now is null && before.IsMember)
                list.Remove(item);
            else
                PruneWithin(item, before, now ?? new FieldSet(), shape.Item, field);
        }
    }

    private static JsonNode? MergeValue(JsonNode? live, JsonNode? applied, FieldShape shape, string field)
    {
        if (!FieldWalk.IsGranular(live, shape) || !FieldWalk.IsGranular(applied, shape) || live!.GetType() != applied!.GetType())
            return applied?.DeepClone();
        if (live is not JsonObject fields)
            return MergeList((JsonArray)live, (JsonArray)applied, shape, field);
        Merge(fields, (JsonObject)applied, shape);
        return fields;
    }

    /// <summary>
    /// Items keep the applied order among themselves; items that only the live list has stay before the applied item they stood
    /// before.
    /// </summary>
    private static JsonArray MergeList(JsonArray live, JsonArray applied, FieldShape shape, string field)
    {
        var left = FieldWalk.Items(live, shape, field).ToList();
        var right = FieldWalk.Items(applied, shape, field).ToList();
        var byElement = left.GroupBy(item => item.Element, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Item, StringComparer.Ordinal);
        var wanted = right.Select(item => item.Element).ToHashSet(StringComparer.Ordinal);
        var emitted = new HashSet<string>(StringComparer.Ordinal);
        var merged = new JsonArray();
        var next = 0;
        // The live items move into the merged list.
        live.Clear();
        foreach (var (element, item) in left)
        {
            if (!wanted.Contains(element))
                merged.Add(item);
            else if (!emitted.Contains(element))
                Emit();
        }

        while (next < right.Count)
            Emit();
        return merged;

        void Emit()
        {
            var (element, item) = right[next++];
            if (emitted.Add(element))
                merged.Add(MergeValue(byElement.GetValueOrDefault(element), item, shape.Item, field));
        }
    }
}
