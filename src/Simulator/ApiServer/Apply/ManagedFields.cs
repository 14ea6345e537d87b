using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>The owners of an object's fields: <c>metadata.managedFields</c>, read and written.</summary>
internal sealed class ManagedFields
{
    private readonly Dictionary<FieldManager, Entry> _entries = [];

    public IEnumerable<FieldManager> Managers => _entries.Keys;

    public bool IsEmpty => _entries.Count == 0;

    public static ManagedFields Read(JsonObject metadata)
    {
        var read = new ManagedFields();
        foreach (var entry in (metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var manager = new FieldManager(
                entry["manager"].AsText() ?? "", entry["operation"].AsText() ?? FieldManager.Update,
                entry["apiVersion"].AsText() ?? "", entry["subresource"].AsText() ?? "");
            var fields = FieldSet.FromManagedFields(entry["fieldsV1"]);
            if (read._entries.TryGetValue(manager, out var same))
                fields.UnionWith(same.Fields);
            read._entries[manager] = new Entry(fields, entry["time"].AsText());
        }

        return read;
    }

    public FieldSet? Of(FieldManager manager) => _entries.GetValueOrDefault(manager)?.Fields;

    /// <summary>Sets what a manager owns; the time changes only when the fields do, or when <paramref name="touch"/> is set.</summary>
    public void Set(FieldManager manager, FieldSet fields, string now, bool touch)
    {
        if (fields.IsEmpty)
        {
            _entries.Remove(manager);
            return;
        }

        var before = _entries.GetValueOrDefault(manager);
        var time = before is not null && !touch && before.Fields.SetEquals(fields) ? before.Time : now;
        _entries[manager] = new Entry(fields, time);
    }

    /// <summary>Takes fields from everybody but one.</summary>
    public void TakeFromOthers(FieldManager owner, FieldSet taken)
    {
        foreach (var (manager, entry) in _entries.ToList())
        {
            if (manager == owner)
                continue;
            var rest = entry.Fields.Clone();
            rest.ExceptWith(taken);
            if (rest.IsEmpty)
                _entries.Remove(manager);
            else
                _entries[manager] = entry with { Fields = rest };
        }
    }

    /// <summary>All fields that anybody owns.</summary>
    public FieldSet Union()
    {
        var all = new FieldSet();
        foreach (var entry in _entries.Values)
            all.UnionWith(entry.Fields);
        return all;
    }

    /// <summary>Appliers first, then by time, then by name: the order the API server writes.</summary>
    public void Write(JsonObject metadata)
    {
        if (_entries.Count == 0)
        {
            metadata.Remove("managedFields");
            return;
        }

        var list = new JsonArray();
        foreach (var (manager, entry) in _entries
            .OrderBy(pair => pair.Key.Applies ? 0 : 1)
            .ThenBy(pair => pair.Value.Time ?? "", StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Subresource, StringComparer.Ordinal))
        {
            var json = new JsonObject
            {
                ["manager"] = manager.Name,
                ["operation"] = manager.Operation,
                ["apiVersion"] = manager.ApiVersion,
            };
            if (entry.Time is not null)
                json["time"] = entry.Time;
            json["fieldsType"] = "FieldsV1";
            json["fieldsV1"] = entry.Fields.ToJson();
            if (manager.Subresource.Length > 0)
                json["subresource"] = manager.Subresource;
            list.Add((JsonNode)json);
        }

        metadata["managedFields"] = list;
    }

    private sealed record Entry(FieldSet Fields, string? Time);
}
