using System.Text.Json;

namespace GpuStack.Faults.Storage;

/// <summary>One state of an object, with its JSON as it goes over the wire.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Created">The version that created it; a namesake made later has another, and another uid.</param>
/// <param name="Version">The version that made this state.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">What changes: a config map's data, a pod's node.</param>
/// <param name="Json">The whole object.</param>
public sealed record StoredObject(
    string Namespace, string Name, long Created, long Version, IReadOnlyDictionary<string, string> Labels, string Value, ReadOnlyMemory<byte> Json)
{
    /// <summary>What lists are sorted by.</summary>
    public string Key => KeyOf(Namespace, Name);

    internal static string KeyOf(string namespaceName, string name) => $"{namespaceName}/{name}";

    internal static StoredObject Create(
        ServedResource resource, string namespaceName, string name, long created, long version, IReadOnlyDictionary<string, string> labels, string value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, resource, namespaceName, name, created, version, labels, value);
        return new StoredObject(namespaceName, name, created, version, labels, value, buffer.ToArray());
    }

    /// <summary>The same state under another version, as deletions show it.</summary>
    internal static StoredObject Copy(ServedResource resource, StoredObject entity, long version) =>
        Create(resource, entity.Namespace, entity.Name, entity.Created, version, entity.Labels, entity.Value);

    private static void Write(
        Utf8JsonWriter json, ServedResource resource, string namespaceName, string name, long created, long version, IReadOnlyDictionary<string, string> labels, string value)
    {
        json.WriteStartObject();
        json.WriteString("kind", resource.Kind);
        json.WriteString("apiVersion", "v1");
        json.WriteStartObject("metadata");
        json.WriteString("name", name);
        json.WriteString("namespace", namespaceName);
        json.WriteString("uid", $"00000000-0000-4000-8000-{created:x12}");
        json.WriteString("resourceVersion", $"{version}");
        json.WriteString("creationTimestamp", "2026-11-22T01:28:08Z");
        json.WriteStartObject("labels");
        foreach (var (label, text) in labels) json.WriteString(label, text);
        json.WriteEndObject();
        json.WritePropertyName("managedFields");
        json.WriteRawValue("""[{"manager":"curl","operation":"Update","apiVersion":"v1","time":"2026-11-22T01:28:08Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:value":{}},"f:metadata":{"f:labels":{}}}}]"""u8);
        json.WriteEndObject();
        if (resource == ServedResource.Pods)
        {
            json.WriteStartObject("spec");
            json.WriteString("nodeName", value);
            json.WritePropertyName("containers");
            json.WriteRawValue("""[{"name":"server","image":"registry.example/server:1","resources":{"requests":{"cpu":"500m","memory":"1536Mi"}}}]"""u8);
            json.WriteEndObject();
            json.WritePropertyName("status");
            json.WriteRawValue("""{"phase":"Running","podIP":"10.0.0.7"}"""u8);
        }
        else
        {
            json.WriteStartObject("data");
            json.WriteString("value", value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
