using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>What the kubelet needs of a container's spec.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its image.</param>
/// <param name="Kind">When it runs.</param>
/// <param name="Engine">What <c>supervise</c> runs in it; null for any other program.</param>
internal sealed record ContainerSpec(string Name, string Image, ContainerKind Kind, EngineSpec? Engine)
{
    public bool IsMain => Kind == ContainerKind.Main;

    public static ContainerSpec[] Of(JsonObject podSpec) =>
    [
        .. Containers(podSpec, "initContainers").Select(c => Read(c, c["restartPolicy"].AsText() == "Always" ? ContainerKind.Sidecar : ContainerKind.Init)),
        .. Containers(podSpec, "containers").Select(c => Read(c, ContainerKind.Main)),
    ];

    private static IEnumerable<JsonObject> Containers(JsonObject spec, string list) => (spec[list] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static ContainerSpec Read(JsonObject container, ContainerKind kind) => new(
        string.Intern(container["name"].AsText() ?? ""),
        string.Intern(container["image"].AsText() ?? ""),
        kind,
        kind == ContainerKind.Main ? EngineSpec.Of(container) : null);
}
