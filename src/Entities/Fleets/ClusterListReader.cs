using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>Collects of lists, as kubectl prints them, the objects that planning looks at.</summary>
internal sealed class ClusterListReader
{
    /// <summary>What lists of one kind hold: their items carry no kind of their own.</summary>
    private static readonly Dictionary<string, string> ItemKinds = new(StringComparer.Ordinal)
    {
        ["NodeList"] = "Node",
        ["PodList"] = "Pod",
        ["ResourceSliceList"] = "ResourceSlice",
        ["PersistentVolumeClaimList"] = "PersistentVolumeClaim",
        ["PersistentVolumeList"] = "PersistentVolume",
        ["StorageClassList"] = "StorageClass",
    };

    public List<V1Node> Nodes { get; } = [];

    public List<V1Pod> Pods { get; } = [];

    public List<V1ResourceSlice> Slices { get; } = [];

    public List<V1PersistentVolumeClaim> Claims { get; } = [];

    public List<V1PersistentVolume> Volumes { get; } = [];

    public List<V1StorageClass> StorageClasses { get; } = [];

    public bool PodsGiven { get; private set; }

    public bool ClaimsGiven { get; private set; }

    public static string? KindOf(JsonObject value) =>
        value.TryGetPropertyValue("kind", out var node) && node is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : null;

    public void Read(JsonNode document, Func<string, string, ManifestException> refuse)
    {
        if (document is not JsonObject value) throw refuse("", $"expected an object, found {ManifestFields.Describe(document)}");
        var kind = KindOf(value) ?? throw refuse("kind", "is required; expected Fleet, List, Node or Pod");
        if (kind is not "List" && !ItemKinds.ContainsKey(kind))
        {
            Add(value, "", kind, refuse);
            return;
        }
        PodsGiven |= kind == "PodList";
        ClaimsGiven |= kind == "PersistentVolumeClaimList";
        if (!value.TryGetPropertyValue("items", out var listed) || listed is not JsonArray items)
            throw refuse("items", "is required; give the list that kubectl printed");
        for (var i = 0; i < items.Count; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"items[{i}]");
            if (items[i] is not JsonObject item) throw refuse(path, $"expected an object, found {ManifestFields.Describe(items[i])}");
            var itemKind = ItemKinds.GetValueOrDefault(kind) ?? KindOf(item);
            Add(item, path, itemKind ?? throw refuse(path + ".kind", "is required; expected Node or Pod"), refuse);
        }
    }

    private void Add(JsonObject item, string path, string kind, Func<string, string, ManifestException> refuse)
    {
        switch (kind)
        {
            case "Node":
                Nodes.Add(Typed(item, path, KubernetesJsonContext.Default.V1Node, refuse));
                break;
            case "Pod":
                PodsGiven = true;
                Pods.Add(Typed(item, path, KubernetesJsonContext.Default.V1Pod, refuse));
                break;
            case "ResourceSlice":
                Slices.Add(Typed(item, path, KubernetesJsonContext.Default.V1ResourceSlice, refuse));
                break;
            case "PersistentVolumeClaim":
                ClaimsGiven = true;
                Claims.Add(Typed(item, path, KubernetesJsonContext.Default.V1PersistentVolumeClaim, refuse));
                break;
            case "PersistentVolume":
                Volumes.Add(Typed(item, path, KubernetesJsonContext.Default.V1PersistentVolume, refuse));
                break;
            case "StorageClass":
                StorageClasses.Add(Typed(item, path, KubernetesJsonContext.Default.V1StorageClass, refuse));
                break;
            default:
                break;
        }
    }

    private static T Typed<T>(JsonObject item, string path, JsonTypeInfo<T> type, Func<string, string, ManifestException> refuse)
        where T : KubernetesObject
    {
        T? value;
        try
        {
            value = item.Deserialize(type);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            var field = (exception as JsonException)?.Path?.TrimStart('$', '.') ?? "";
            throw refuse(Join(path, field), "the value is not of the type that Kubernetes has there; give what kubectl printed");
        }
        return string.IsNullOrEmpty(value?.Metadata?.Name) ? throw refuse(Join(path, "metadata.name"), "is required") : value;
    }

    private static string Join(string path, string field) => path.Length == 0 ? field : field.Length == 0 ? path : $"{path}.{field}";
}
