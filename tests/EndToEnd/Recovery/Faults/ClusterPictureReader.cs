using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using GpuStack.Operator.Objects;
using GpuStack.Simulator;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>Takes pictures of a simulated cluster. What did not change since the last picture is not read again.</summary>
internal sealed class ClusterPictureReader(SimulatedCluster cluster, IEnumerable<FaultDeployment> wanted)
{
    private static readonly ResourceKey Deployments = new("inference.gpustack.io", "modeldeployments");

    private static readonly ResourceKey[] Kinds =
        [BuiltInResources.StatefulSets, BuiltInResources.ConfigMaps, BuiltInResources.Services, BuiltInResources.NetworkPolicies, BuiltInResources.PodDisruptionBudgets];

    private readonly Dictionary<string, PictureNeed?> _needs = wanted.ToDictionary(one => one.Name, one => one.Need, StringComparer.Ordinal);
    private readonly ConditionalWeakTable<StoredObject, object> _read = [];

    public ClusterPicture Read() => new()
    {
        Nodes = [.. cluster.Store.List(BuiltInResources.Nodes).Items.Select(node => Known(node, Node))],
        Pods = [.. Pods().Select(WithEngine)],
        Children = [.. Kinds.SelectMany(kind => cluster.Store.List(kind, RecoveryScene.Namespace).Items).Where(child => child.Labels.ContainsKey(GroupLabels.Deployment)).Select(child => Known(child, Child))],
        Deployments = [.. cluster.Store.List(Deployments, RecoveryScene.Namespace).Items.Select(deployment => Known(deployment, Deployment))],
    };

    /// <summary>The pods alone, without what their supervisors say.</summary>
    public IEnumerable<PicturePod> Pods() => cluster.Store.List(BuiltInResources.Pods).Items.Select(pod => Known(pod, Pod));

    private T Known<T>(StoredObject stored, Func<StoredObject, T> read)
        where T : class => (T)_read.GetValue(stored, one => read(one));

    private PicturePod WithEngine(PicturePod pod) => pod.IsReady || pod.Deployment is null
        ? pod : pod with { Engine = cluster.Pods.EngineStateOf(RecoveryScene.Namespace, pod.Name) };

    private static PictureNode Node(StoredObject node) => new(
        node.Name, node.Labels.GetValueOrDefault("nvidia.com/gpu.product") ?? "", Gpus(node.Body["status"]?["allocatable"]),
        IsTrue(node.Body, "Ready"), node.Body["spec"]?["unschedulable"].AsBool() is true);

    private static PicturePod Pod(StoredObject pod) => new(
        pod.Name, pod.Labels.GetValueOrDefault(GroupLabels.Deployment), Group(pod) ?? -1, pod.Body["spec"]?["nodeName"].AsText(),
        (pod.Body["spec"]?["containers"] as JsonArray ?? []).Sum(container => Gpus(container?["resources"]?["requests"])),
        !pod.IsBeingDeleted && IsTrue(pod.Body, "Ready"))
    {
        IsBeingDeleted = pod.IsBeingDeleted,
        IsFinished = pod.Body["status"]?["phase"].AsText() is "Succeeded" or "Failed",
        Owner = Owner(pod),
        UnpulledImage = UnpulledImage(pod),
    };

    private static PictureChild Child(StoredObject child) => new(
        child.Definition.Kind, child.Name, child.Uid, child.Labels[GroupLabels.Deployment], Owner(child), Group(child))
    {
        Replicas = child.Definition.Key == BuiltInResources.StatefulSets ? (int)(child.Body["spec"]?["replicas"].AsLong() ?? 1) : 0,
        Plan = child.Labels.GetValueOrDefault(GroupLabels.PlanHash),
    };

    private PictureDeployment Deployment(StoredObject deployment)
    {
        var (spec, status) = (deployment.Body["spec"], deployment.Body["status"]);
        var ready = Condition(deployment.Body, "Ready");
        var stalled = Condition(deployment.Body, "Stalled");
        return new PictureDeployment(
            deployment.Name, deployment.Uid, spec?["suspend"].AsBool() is true ? 0 : (int)(spec?["replicas"].AsLong() ?? 1),
            ready?["status"].AsText() == "True", ready?["reason"].AsText() ?? "")
        {
            Stalled = stalled?["status"].AsText() == "True" ? stalled["reason"].AsText() : null,
            IsPlanned = IsTrue(deployment.Body, "Planned"),
            IsObserved = status?["observedGeneration"].AsLong() == deployment.Metadata["generation"].AsLong(),
            Groups = [.. (status?["groups"] as JsonArray ?? []).Select(group => Group(group!))],
            Need = _needs.GetValueOrDefault(deployment.Name),
        };
    }

    private static PictureGroup Group(JsonNode group) => new(
        (int)(group["index"].AsLong() ?? 0), group["planHash"].AsText() ?? "", group["ready"].AsBool() is true,
        [.. (group["workers"] as JsonArray ?? []).Prepend(group["leader"]).Select(member => (member?["node"].AsText() ?? "", (int)(member?["gpus"].AsLong() ?? 0)))]);

    private static int? Group(StoredObject stored) =>
        stored.Labels.GetValueOrDefault(GroupLabels.Group) is { } group ? int.Parse(group, CultureInfo.InvariantCulture) : null;

    private static string? UnpulledImage(StoredObject pod)
    {
        var waits = (pod.Body["status"]?["containerStatuses"] as JsonArray)?
            .FirstOrDefault(container => container?["state"]?["waiting"]?["reason"].AsText() is "ErrImagePull" or "ImagePullBackOff")?["name"].AsText();
        return waits is null ? null : (pod.Body["spec"]?["containers"] as JsonArray)?.FirstOrDefault(container => container?["name"].AsText() == waits)?["image"].AsText();
    }

    private static string Owner(StoredObject stored) => (stored.Metadata["ownerReferences"] as JsonArray)?[0]?["uid"].AsText() ?? "";

    private static int Gpus(JsonNode? resources) =>
        resources?["nvidia.com/gpu"] is { } amount ? int.Parse(amount.ToString(), CultureInfo.InvariantCulture) : 0;

    private static JsonNode? Condition(JsonObject body, string type) =>
        (body["status"]?["conditions"] as JsonArray)?.FirstOrDefault(condition => condition?["type"].AsText() == type);

    private static bool IsTrue(JsonObject body, string type) => Condition(body, type)?["status"].AsText() == "True";
}
