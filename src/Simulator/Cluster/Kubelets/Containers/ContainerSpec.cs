using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>What the kubelet needs of a container's spec.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its image.</param>
/// <param name="Kind">When it runs.</param>
/// <param name="Engine">What <c>supervise</c> runs in it; null for any other program.</param>
/// <param name="Works">Whether it does some work and ends, as containers of pods do that are not always restarted.</param>
internal sealed record ContainerSpec(string Name, string Image, ContainerKind Kind, EngineSpec? Engine, bool Works)
{
    public bool IsMain => Kind == ContainerKind.Main;

    public static ContainerSpec[] Of(JsonObject podSpec) =>
    [
        .. Containers(podSpec, "initContainers").Select(c => Read(c, c["restartPolicy"].AsText() == "Always" ? ContainerKind.Sidecar : ContainerKind.Init, podSpec)),
        .. Containers(podSpec, "containers").Select(c => Read(c, ContainerKind.Main, podSpec)),
    ];

    private static IEnumerable<JsonObject> Containers(JsonObject spec, string list) => (spec[list] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static ContainerSpec Read(JsonObject container, ContainerKind kind, JsonObject podSpec)
    {
        var engine = kind == ContainerKind.Main ? EngineSpec.Of(container) : null;
        var works = kind == ContainerKind.Main && engine is null && podSpec["restartPolicy"].AsText() is "Never" or "OnFailure";
        return new ContainerSpec(string.Intern(container["name"].AsText() ?? ""), string.Intern(container["image"].AsText() ?? ""), kind, engine, works);
    }
}
