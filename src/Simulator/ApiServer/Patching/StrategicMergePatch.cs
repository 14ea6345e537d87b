using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Patching;

/// <summary>
/// Strategic merge patch of built-in kinds: lists with a merge key are merged item by item; <c>$patch</c>,
/// <c>$deleteFromPrimitiveList/x</c>, <c>$setElementOrder/x</c> and <c>$retainKeys</c> direct it.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string ElementOrder = "$setElementOrder/";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";

    /// <summary>Applies the patch to <paramref name="target"/> in place.</summary>
    public static void Apply(JsonObject target, JsonObject patch, FieldShape shape)
    {
        if (patch[Directive].AsText() is { } directive)
        {
            target.Clear();
            if (directive == "replace")
                Copy(patch, target);
            else if (directive != "delete")
                throw ApiException.BadRequest($"Unknown patch type found: {directive}");
            return;
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            var keys = retained.Select(key => key.AsText()).ToHashSet(StringComparer.Ordinal);
            foreach (var name in target.Select(field => field.Key).Where(name => !keys.Contains(name)).ToList())
                target.Remove(name);
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal))
                DeletePrimitives(target, name[DeleteFrom.Length..], value as JsonArray ?? []);
            else if (!name.StartsWith('$'))
                ApplyField(target, name, value, shape.Field(name));
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(ElementOrder, StringComparison.Ordinal) && value is JsonArray order)
                Reorder(target, name[ElementOrder.Length..], order, shape);
        }
    }

    private static void ApplyField(JsonObject target, string name, JsonNode? value, FieldShape shape)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject changes when target[name] is JsonObject below:
                Apply(below, changes, shape);
                if (changes[Directive].AsText() == "delete")
                    target.Remove(name);
                break;
            case JsonObject changes:
                var added = new JsonObject();
                Apply(added, changes, shape);
                if (changes[Directive].AsText() != "delete")
                    target[name] = added;
                break;
            case JsonArray changes when shape.Merge != ListMerge.Atomic && target[name] is JsonArray list:
                ApplyList(list, changes, shape, name);
                break;
            case JsonArray changes:
                var items = new JsonArray();
                ApplyList(items, changes, shape, name);
                target[name] = items;
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static void ApplyList(JsonArray list, JsonArray changes, FieldShape shape, string name)
    {
        if (changes.Any(item => (item as JsonObject)?[Directive].AsText() == "replace"))
            list.Clear();
        foreach (var change in changes)
        {
            if (change is not JsonObject fields)
            {
                if (shape.Merge == ListMerge.Atomic || !list.Any(item => JsonNode.DeepEquals(item, change)))
                    list.Add(change?.DeepClone());
                continue;
            }

            var directive = fields[Directive].AsText();
            if (directive == "replace")
            {
                if (fields.Count > 1)
                    list.Add(Stripped(fields));
                continue;
            }

            if (shape.Merge != ListMerge.Map)
            {
                list.Add(Stripped(fields));
                continue;
            }

            // Strategic merge knows one key a list: the first of those that server-side apply uses.
            var key = shape.Keys[0].Name;
            var value = fields[key] ?? throw ApiException.BadRequest($"map: {fields.ToJsonString()} does not contain declared merge key: {key} (in {name})");
            var existing = list.OfType<JsonObject>().FirstOrDefault(item => JsonNode.DeepEquals(item[key], value));
            if (directive == "delete")
                list.Remove(existing);
            else if (existing is not null)
                Apply(existing, fields, shape.Item);
            else
                list.Add(New(fields, shape.Item));
        }
    }

    private static JsonObject New(JsonObject fields, FieldShape shape)
    {
        var item = new JsonObject();
        Apply(item, fields, shape);
        return item;
    }

    private static void DeletePrimitives(JsonObject target, string name, JsonArray gone)
    {
        if (target[name] is not JsonArray list)
            return;
        foreach (var item in list.Where(item => gone.Any(value => JsonNode.DeepEquals(value, item))).ToList())
            list.Remove(item);
    }

    /// <summary>Orders the items that the patch lists; the others keep their place relative to what precedes them.</summary>
    private static void Reorder(JsonObject target, string name, JsonArray order, FieldShape shape)
    {
        if (target[name] is not JsonArray list)
            return;
        var field = shape.Field(name);
        var key = field.Merge == ListMerge.Map ? field.Keys[0].Name : null;
        var ranks = new List<JsonNode?>(order.Select(entry => key is null ? entry : (entry as JsonObject)?[key]));
        var items = list.ToList();
        var rank = -1;
        var ranked = new List<(int Rank, int Place, JsonNode? Item)>();
        for (var i = 0; i < items.Count; i++)
        {
            var value = key is null ? items[i] : (items[i] as JsonObject)?[key];
            var own = ranks.FindIndex(entry => JsonNode.DeepEquals(entry, value));
            rank = own >= 0 ? own : rank;
            ranked.Add((rank, i, items[i]));
        }

        list.Clear();
        foreach (var (_, _, item) in ranked.OrderBy(entry => entry.Rank).ThenBy(entry => entry.Place))
            list.Add(item);
    }

    private static JsonObject Stripped(JsonObject fields)
    {
        var copy = new JsonObject();
        Copy(fields, copy);
        return copy;
    }

    private static void Copy(JsonObject from, JsonObject to)
    {
        foreach (var (name, value) in from)
        {
            if (!name.StartsWith('$'))
                to[name] = value?.DeepClone();
        }
    }
}
