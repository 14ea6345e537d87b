using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Planning.Changes;
using GpuStack.Operator.Planning.Volumes;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests.Planning.Changes;

/// <summary>A cluster in which deployments run as the operator made them: their plans, StatefulSets and Ready pods.</summary>
internal sealed class RunningCluster
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    private static readonly OperatorSettings Settings = new();

    private readonly List<V1Node> _nodes;
    private readonly List<V1Pod> _pods = [];
    private readonly List<ModelDeployment> _deployments = [];
    private readonly List<V1ConfigMap> _configMaps = [];
    private readonly List<V1StatefulSet> _statefulSets = [];
    private readonly FleetSource _fleet = new(ProductTable.Default);
    private readonly PlanningDesk _desk;

    public RunningCluster(params IEnumerable<V1Node> nodes)
    {
        _nodes = [.. nodes];
        _desk = new PlanningDesk(_fleet);
        foreach (var node in _nodes)
            _fleet.SetNode(node);
    }

    public ClusterPicture Picture => new(Snapshot, _deployments, _configMaps, _statefulSets);

    private ClusterSnapshot Snapshot => new(_nodes, _pods, PodsGiven: true);

    public async Task<RunningCluster> RunAsync(ModelDeployment deployment)
    {
        var outcome = _desk.Decide(PlanningInputs.Of(deployment, await ModelAsync(deployment), new SnapshotVolumes(Snapshot), 0, Settings));
        Assert.Null(outcome.Refusal);
        _deployments.Add(deployment);
        foreach (var child in outcome.Groups.Values.SelectMany(group => GroupObjects.Build(deployment, group, Settings)))
        {
            if (child is V1ConfigMap map)
                _configMaps.Add(map);
            if (child is not V1StatefulSet set)
                continue;
            _statefulSets.Add(set);
            _pods.AddRange(Enumerable.Range(0, set.Spec!.Replicas!.Value).Select(ordinal => Pod(set, ordinal)));
        }
        return this;
    }

    public void TakeDown(string node) => _nodes.Single(one => one.Metadata.Name == node).Status!.Conditions =
        [new V1NodeCondition { Type = "Ready", Status = "Unknown", LastTransitionTime = Now - TimeSpan.FromHours(1) }];

    /// <summary>No pod is bound to a node yet.</summary>
    public void Unbind() => _pods.ForEach(pod => pod.Spec!.NodeName = null);

    public async Task<ChangePreview> PreviewAsync(ModelDeployment wanted) => ChangePreviews.Of(
        Picture, wanted, await ModelAsync(wanted), Settings, Now);

    private static async Task<InspectedModel> ModelAsync(ModelDeployment deployment) =>
        new() { Gguf = await Inputs.ModelAsync(deployment), DownloadUrl = "https://hub.example.com/model.gguf" };

    private static V1Pod Pod(V1StatefulSet set, int ordinal)
    {
        var template = set.Spec!.Template!;
        var terms = template.Spec!.Affinity!.NodeAffinity!.RequiredDuringSchedulingIgnoredDuringExecution!.NodeSelectorTerms!;
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{set.Metadata.Name}-{ordinal}",
                Namespace = set.Metadata.Namespace,
                Uid = $"{set.Metadata.Name}-{ordinal}",
                Labels = template.Metadata!.Labels,
                Annotations = template.Metadata.Annotations,
            },
            Spec = new V1PodSpec { NodeName = terms[ordinal].MatchFields![0].Values![0], Containers = template.Spec.Containers, Volumes = template.Spec.Volumes },
            Status = new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }] },
        };
    }
}
