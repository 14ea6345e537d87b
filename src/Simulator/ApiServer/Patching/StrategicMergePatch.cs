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

        var orders = Orders(target, patch, shape);
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal))
                DeletePrimitives(target, name[DeleteFrom.Length..], value as JsonArray ?? []);
            else if (!name.StartsWith('$'))
                ApplyField(target, name, value, shape.Field(name));
        }

        foreach (var order in orders)
            Reorder(target, order);
    }

    /// <summary>The lists whose order the patch touches: by its own items, or by an order it gives.</summary>
    private static List<ItemOrder> Orders(JsonObject target, JsonObject patch, FieldShape shape)
    {
        var orders = new List<ItemOrder>();
        foreach (var (name, value) in patch)
        {
            var given = name.StartsWith(ElementOrder, StringComparison.Ordinal);
            var list = given ? name[ElementOrder.Length..] : name;
            var field = shape.Field(list);
            if (value is not JsonArray wanted || field.Merge == ListMerge.Atomic || (!given && patch.ContainsKey(ElementOrder + name)))
                continue;
            var key = field.Merge == ListMerge.Map ? field.Keys[0].Name : null;
            orders.Add(new ItemOrder(
                list, key, [.. wanted.Select(item => Identity(item, key))],
                [.. (target[list] as JsonArray ?? []).Select(item => Identity(item, key))]));
        }

        return orders;
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
                    list.Add((JsonNode)Stripped(fields));
                continue;
            }

            if (shape.Merge != ListMerge.Map)
            {
                list.Add((JsonNode)Stripped(fields));
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
                list.Add((JsonNode)New(fields, shape.Item));
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

    /// <summary>
    /// Puts the items that the patch names in its order, and the others between them where the live list had them; where that says
    /// nothing, the patch's items come first.
    /// </summary>
    private static void Reorder(JsonObject target, ItemOrder order)
    {
        if (target[order.Name] is not JsonArray list)
            return;
        var items = list.Select(item => (Item: item, Identity: Identity(item, order.Key))).ToList();
        var named = new Queue<(JsonNode? Item, string Identity)>(items
            .Where(item => order.Wanted.Contains(item.Identity)).OrderBy(item => order.Wanted.IndexOf(item.Identity)));
        var others = new Queue<(JsonNode? Item, string Identity)>(items.Where(item => !order.Wanted.Contains(item.Identity)));
        list.Clear();
        while (named.Count + others.Count > 0)
        {
            var takeOther = named.Count == 0 || (others.Count > 0 && order.WasBefore(others.Peek().Identity, named.Peek().Identity));
            list.Add((takeOther ? others : named).Dequeue().Item);
        }
    }

    private static string Identity(JsonNode? item, string? key) => (key is null ? item : (item as JsonObject)?[key])?.ToJsonString() ?? "null";

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

    private sealed record ItemOrder(string Name, string? Key, List<string> Wanted, List<string> Live)
    {
        public bool WasBefore(string left, string right)
        {
            var leftPlace = Live.IndexOf(left);
            var rightPlace = Live.IndexOf(right);
            return leftPlace >= 0 && rightPlace >= 0 && leftPlace < rightPlace;
        }
    }
}
