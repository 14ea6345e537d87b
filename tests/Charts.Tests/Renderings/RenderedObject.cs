using System.Text.Json.Nodes;

namespace GpuStack.Charts.Tests.Renderings;

/// <summary>One object of a rendering.</summary>
internal sealed record RenderedObject(JsonObject Json)
{
    private static readonly string[] ClusterKinds =
        ["CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Namespace", "PriorityClass", "ValidatingWebhookConfiguration", "ClusterIssuer"];

    public string Kind => Json["kind"]!.GetValue<string>();

    public string Name => Json["metadata"]!["name"]!.GetValue<string>();

    public string? Namespace => (string?)Json["metadata"]!["namespace"];

    public bool IsNamespaced => !ClusterKinds.Contains(Kind);

    public IReadOnlyDictionary<string, string> Labels => Map(Json["metadata"]!["labels"]);

    /// <summary>Of a pod or of what makes pods; null for everything else.</summary>
    public JsonObject? PodTemplate => Kind switch
    {
        "Pod" => Json,
        "Deployment" or "StatefulSet" or "DaemonSet" or "Job" => Json["spec"]!["template"]!.AsObject(),
        _ => null,
    };

    public static IReadOnlyDictionary<string, string> Map(JsonNode? node) =>
        (node as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>(), StringComparer.Ordinal);

    public override string ToString() => $"{Kind} {(Namespace is null ? "" : $"{Namespace}/")}{Name}";
}
