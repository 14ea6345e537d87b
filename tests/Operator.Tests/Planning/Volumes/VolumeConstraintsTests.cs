using System.Collections.Immutable;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Planning.Volumes;
using GpuStack.Operator.Tests.Status;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Operator.Tests.Planning.Volumes;

public class VolumeConstraintsTests
{
    private const string Model = "model: {persistentVolumeClaim: {claimName: models, path: llama.gguf}}";
    private const string Hub = "model: {huggingFace: {repository: a/b, file: c.gguf}}";
    private const string Late = "{kind: StorageClass, apiVersion: storage.k8s.io/v1, metadata: {name: late}, provisioner: example.com/disk, volumeBindingMode: WaitForFirstConsumer";

    private static readonly Dictionary<string, string> ZoneA = new() { ["topology.kubernetes.io/zone"] = "eu-1a", ["kubernetes.io/hostname"] = "n1" };
    private static readonly Dictionary<string, string> ZoneB = new() { ["topology.kubernetes.io/zone"] = "eu-1b", ["kubernetes.io/hostname"] = "n2" };

    [Fact]
    public void A_bound_claim_is_where_its_volumes_node_affinity_says()
    {
        var constraint = Assert.Single(Of(Model,
            Claim("models", "volumeName: v1"),
            Volume("v1", "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [eu-1a]}]}]}}")));

        Assert.True(constraint.Allows("n1", ZoneA));
        Assert.False(constraint.Allows("n2", ZoneB));
        Assert.Equal("claim models: its volume is in zone eu-1a", constraint.Message);
        Assert.Equal((true, VolumeSharing.OneNode), (constraint.LeaderOnly, constraint.Sharing));
    }

    [Theory]
    [InlineData("LlamaCpp", "llama.gguf", true)]
    [InlineData("VLLM", "llama", false)]
    [InlineData("SGLang", "llama", false)]
    public void Every_rank_of_vLLM_and_SGLang_mounts_the_claims(string engine, string path, bool leaderOnly)
    {
        var constraint = Assert.Single(Of($"model: {{persistentVolumeClaim: {{claimName: models, path: {path}}}}}\nengine: {{type: {engine}}}", Claim("models", "volumeName: v1")));

        Assert.Equal((leaderOnly, VolumeSharing.OneNode), (constraint.LeaderOnly, constraint.Sharing));
    }

    [Fact]
    public void A_local_volume_is_on_its_node()
    {
        var constraint = Assert.Single(Of(Model,
            Claim("models", "volumeName: v1"),
            Volume("v1", "nodeAffinity: {required: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}]}}")));

        Assert.False(constraint.Allows("n1", ZoneA));
        Assert.True(constraint.Allows("n2", ZoneB));
        Assert.True(constraint.UsesName);
        Assert.Equal("claim models: its volume is on node n2", constraint.Message);
    }

    [Theory]
    [InlineData("topology.kubernetes.io/zone: eu-1a", true, false)]
    [InlineData("failure-domain.beta.kubernetes.io/zone: eu-1b", false, true)]
    [InlineData("topology.kubernetes.io/zone: eu-1a__eu-1b", true, true)]
    [InlineData("team: a", true, true)]
    public void A_volumes_zone_labels_count_as_its_affinity_does(string label, bool inA, bool inB)
    {
        var constraint = Assert.Single(Of(Model, Claim("models", "volumeName: v1"), Volume("v1", "csi: {driver: d}", $"labels: {{ {label} }}")));

        Assert.Equal((inA, inB), (constraint.Allows("n1", ZoneA), constraint.Allows("n2", ZoneB)));
        // A cluster of one zone whose nodes say nothing of it.
        Assert.True(constraint.Allows("n3", ImmutableDictionary<string, string>.Empty));
    }

    [Fact]
    public void A_volume_with_an_affinity_that_nothing_satisfies_keeps_every_node_out_and_says_so()
    {
        var constraint = Assert.Single(Of(Model, Claim("models", "volumeName: v1"), Volume("v1", "nodeAffinity: {required: {nodeSelectorTerms: [{}]}}")));

        Assert.False(constraint.Allows("n1", ZoneA));
        Assert.Contains("nodeAffinity", constraint.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_that_is_not_known_matches_no_node() => Assert.False(Assert.Single(Of(Model,
        Claim("models", "volumeName: v1"),
        Volume("v1", "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Resembles, values: [b]}]}]}}"))).Allows("n1", ZoneA));

    [Fact]
    public void A_claim_that_waits_for_its_first_pod_is_where_its_class_makes_volumes()
    {
        var constraint = Assert.Single(Of(Model,
            Claim("models", "storageClassName: late"),
            Late + ", allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [eu-1b]}]}]}"));

        Assert.Equal((false, true), (constraint.Allows("n1", ZoneA), constraint.Allows("n2", ZoneB)));
        Assert.Equal("claim models: volumes of its storage class late are in zone eu-1b", constraint.Message);
        Assert.True(Assert.Single(Of(Model, Claim("models", "storageClassName: late"), Late + "}")).Allows("n1", ZoneA));
    }

    [Fact]
    public void The_default_class_counts_for_a_claim_without_one()
    {
        const string Default = "{kind: StorageClass, apiVersion: storage.k8s.io/v1, metadata: {name: usual, annotations: {storageclass.kubernetes.io/is-default-class: \"true\"}}, " +
            "provisioner: p, volumeBindingMode: WaitForFirstConsumer, allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [eu-1a]}]}]}";

        Assert.False(Assert.Single(Of(Model, Claim("models", "volumeMode: Filesystem"), Default)).Allows("n2", ZoneB));
        Assert.True(Assert.Single(Of(Model, Claim("models", "storageClassName: \"\""), Default)).Allows("n2", ZoneB));
    }

    [Fact]
    public void A_claim_of_volumes_made_by_hand_is_where_a_free_one_is_that_serves_it()
    {
        const string Local = "{kind: StorageClass, apiVersion: storage.k8s.io/v1, metadata: {name: local}, provisioner: kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}";
        string[] volumes =
        [
            LocalVolume("small", "n1", "1Gi"), LocalVolume("free", "n2", "200Gi"), LocalVolume("kept", "n3", "200Gi", "claimRef: {namespace: default, name: models}, "),
            LocalVolume("taken", "n4", "200Gi", "claimRef: {namespace: default, name: other}, "),
        ];
        string[] storage = [Claim("models", "storageClassName: local, resources: {requests: {storage: 100Gi}}"), Local];

        var constraint = Assert.Single(Of(Model, [.. storage, .. volumes]));

        Assert.Equal([false, true, true, false], new[] { "n1", "n2", "n3", "n4" }.Select(node => constraint.Allows(node, ImmutableDictionary<string, string>.Empty.Add("kubernetes.io/hostname", node))));
        Assert.Equal("claim models: volumes of its storage class local are on node n2, n3", constraint.Message);
        var none = Assert.Single(Of(Model, [.. storage, volumes[0]]));
        Assert.False(none.Allows("n1", ZoneA));
        Assert.Contains("no volume of the storage class local is free", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_of_the_users_that_does_not_exist_is_nowhere_unless_the_claims_are_not_known()
    {
        foreach (var spec in new[] { Model, $"{Hub}\ncache: {{persistentVolumeClaim: {{claimName: models}}}}" })
        {
            var missing = Assert.Single(Of(spec, Claim("another", "volumeName: v")));
            Assert.False(missing.Allows("n1", ZoneA));
            Assert.Equal("claim models: it does not exist in the namespace default; create it", missing.Message);
            Assert.Empty(Of(spec));
        }
    }

    [Theory]
    [InlineData("status: {phase: Lost}", false)]
    [InlineData("status: {phase: Bound}", true)]
    public void A_lost_volume_is_nowhere_and_one_that_is_not_known_anywhere(string status, bool expected) => Assert.Equal(
        expected, Assert.Single(Of(Model, Claim("models", "volumeName: v1", status))).Allows("n1", ZoneA));

    [Fact]
    public void A_claim_that_the_operator_makes_is_where_its_class_can_be()
    {
        const string Zones = ", allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [eu-1b]}]}]}";
        var shared = Assert.Single(Of($"{Hub}\ncache: {{persistentVolumeClaim: {{size: 100Gi, storageClassName: late}}}}", Late + Zones));
        Assert.Equal(("small-cache", false, VolumeSharing.OneNode), (shared.Claim, shared.Allows("n1", ZoneA), shared.Sharing));

        Assert.Equal(VolumeSharing.AnyNodes, Assert.Single(Of($"{Hub}\ncache: {{persistentVolumeClaim: {{size: 100Gi, accessMode: ReadWriteMany}}}}")).Sharing);
    }

    [Fact]
    public void A_claim_of_each_pod_ties_its_own_group_alone()
    {
        var deployment = Deployment($"{Hub}\ncache: {{persistentVolumeClaim: {{size: 100Gi, sharing: PerPod}}}}");
        var storage = Storage(
            Claim("models-small-1-0", "volumeName: v1"),
            Volume("v1", "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n2]}]}]}}"));

        Assert.Empty(VolumeConstraints.Shared(deployment, storage));
        Assert.True(Assert.Single(VolumeConstraints.OfGroup(deployment, 0, storage)).Allows("n1", ZoneA));
        var second = Assert.Single(VolumeConstraints.OfGroup(deployment, 1, storage));
        Assert.Equal((false, true, VolumeSharing.AnyNodes), (second.Allows("n1", ZoneA), second.Allows("n2", ZoneB), second.Sharing));
    }

    [Fact]
    public void The_claims_that_workers_have_for_themselves_tie_the_workers_of_their_group()
    {
        const string OnN2 = "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n2]}]}]}}";
        const string Cache = "cache: {persistentVolumeClaim: {size: 100Gi, sharing: PerPod}}";
        var storage = Storage(Claim("models-small-0-w0-0", "volumeName: v1"), Claim("models-small-0-w0-1", ""), Claim("models-small-0-w0-3", "volumeName: v1"), Volume("v1", OnN2));
        var serving = Deployment($"{Hub}\nengine: {{type: VLLM}}\n{Cache}");

        var claims = VolumeConstraints.OfWorkers(serving, 0, storage).Claims;

        Assert.Equal(["models-small-0-w0-0", "models-small-0-w0-1", "models-small-0-w0-2", "models-small-0-w0-3"], claims.Select(claim => claim.Claim));
        Assert.Equal((true, false, true), (claims[2].Allows("n1", ZoneA), claims[3].Allows("n1", ZoneA), claims[3].Allows("n2", ZoneB)));
        Assert.Equal((false, true, true), (claims[0].Allows("n1", ZoneA), claims[0].Allows("n2", ZoneB), claims[1].Allows("n1", ZoneA)));
        Assert.True(VolumeConstraints.OfWorkers(serving, 1, storage).IsEmpty);
        Assert.True(VolumeConstraints.OfWorkers(Deployment($"{Hub}\n{Cache}"), 0, storage).IsEmpty);
    }

    [Fact]
    public async Task The_claim_of_an_updates_further_group_ties_it_too()
    {
        var deployment = Deployment($"{Hub}\nupdateStrategy: {{maxSurge: 1}}\ncache: {{persistentVolumeClaim: {{size: 100Gi, sharing: PerPod}}}}");
        var storage = Storage(
            Claim("models-small-1-0", "volumeName: v1"),
            Volume("v1", "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n2]}]}]}}"));
        var model = new InspectedModel { Gguf = await Inputs.ModelAsync(Inputs.Small()) };

        var input = PlanningInputs.Of(deployment, model, storage, priority: 0, new OperatorSettings());

        Assert.False(Assert.Single(input.RequestOf(1, []).Volumes).Allows("n1", ZoneA));
    }

    [Theory]
    [InlineData("ReadWriteOnce", false, true)]
    [InlineData("ReadWriteOncePod", false, false)]
    [InlineData("ReadOnlyMany", true, true)]
    [InlineData("ReadWriteMany", true, true)]
    public void A_claim_that_another_pod_has_is_tied_to_its_node_by_the_access_mode(string mode, bool onN1, bool onN2)
    {
        string[] storage =
        [
            Claim("models", "volumeName: v1", modes: mode),
            "{kind: Pod, apiVersion: v1, metadata: {name: notebook, namespace: default}, spec: {nodeName: n2, volumes: [{name: d, persistentVolumeClaim: {claimName: models}}]}, status: {phase: Running}}",
        ];

        var constraints = Of(Model, storage);

        Assert.Equal((onN1, onN2), (constraints.All(one => one.Allows("n1", ZoneA)), constraints.All(one => one.Allows("n2", ZoneB))));
        Assert.Equal(!onN1, constraints.Any(one => one.Message.Contains("pod notebook has it", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("phase: Succeeded", "")]
    [InlineData("phase: Running", "labels: {inference.gpustack.io/deployment: small}, ")]
    public void Finished_pods_and_the_deployments_own_tie_nothing(string phase, string labels) => Assert.Single(Of(
        Model,
        Claim("models", "volumeName: v1"),
        $"{{kind: Pod, apiVersion: v1, metadata: {{{labels}name: p, namespace: default}}, spec: {{nodeName: n2, volumes: [{{name: d, persistentVolumeClaim: {{claimName: models}}}}]}}, status: {{{phase}}}}}"));

    [Fact]
    public void A_deployment_without_claims_is_tied_to_nothing()
    {
        Assert.Empty(Of(Hub, Claim("models", "volumeName: v1")));
        Assert.Empty(Of($"{Hub}\ncache: {{hostPath: {{path: /models}}}}", Claim("models", "volumeName: v1")));
    }

    [Fact]
    public async Task A_further_group_joins_the_leader_that_keeps_its_place()
    {
        var group = await Views.GroupAsync();
        var deployment = Deployment($"{Hub}\nreplicas: 2\ncache: {{persistentVolumeClaim: {{claimName: cache}}}}");
        var input = PlanningInputs.Of(deployment, new() { Gguf = group.Model }, Storage(Claim("cache", "volumeName: v1")), priority: 0, new());
        var leader = group.Plan.Leader.Node;

        Assert.True(input.Request.LeadersShareNode);
        Assert.All(input.RequestOf(0, [group]).Volumes, volume => Assert.True(volume.Allows("elsewhere", ZoneA)));
        Assert.False(input.RequestOf(1, [group]).Volumes.All(volume => volume.Allows("elsewhere", ZoneA)));
        Assert.True(input.RequestOf(1, [group]).Volumes.All(volume => volume.Allows(leader, ZoneA)));
        var broken = input with { Broken = new HashSet<int> { 0 } };
        Assert.True(broken.RequestOf(1, [group]).Volumes.All(volume => volume.Allows("elsewhere", ZoneA)));
        Assert.Equal(1, input.RequestOf(1, [group]).Replicas);
    }

    private static ImmutableArray<VolumeConstraint> Of(string spec, params string[] storage) => VolumeConstraints.Shared(Deployment(spec), Storage(storage));

    private static ModelDeployment Deployment(string spec) => Inputs.Deployment($"""
        apiVersion: inference.gpustack.io/v1alpha1
        kind: ModelDeployment
        metadata:
          name: small
        spec:
        {string.Join('\n', spec.Split('\n').Select(line => "  " + line))}
        """);

    private static SnapshotVolumes Storage(params string[] objects) => new(ClusterSnapshot.Read($"""
        kind: List
        items:
        - {"{"}kind: Node, apiVersion: v1, metadata: {"{"}name: n{"}"}{"}"}
        {string.Join('\n', objects.Select(one => "- " + one))}
        """, "storage.yaml"));

    private static string Claim(string name, string spec, string status = "status: {phase: Bound}", string modes = "ReadWriteOnce") =>
        $"{{kind: PersistentVolumeClaim, apiVersion: v1, metadata: {{name: {name}, namespace: default}}, spec: {{accessModes: [{modes}], {spec}}}, {status}}}";

    private static string Volume(string name, string spec, string metadata = "annotations: {}") =>
        $"{{kind: PersistentVolume, apiVersion: v1, metadata: {{name: {name}, {metadata}}}, spec: {{accessModes: [ReadWriteOnce], {spec}}}, status: {{phase: Bound}}}}";

    private static string LocalVolume(string name, string node, string size, string spec = "") => Volume(
        name,
        $"{spec}storageClassName: local, capacity: {{storage: {size}}}, nodeAffinity: {{required: {{nodeSelectorTerms: [{{matchExpressions: [{{key: kubernetes.io/hostname, operator: In, values: [{node}]}}]}}]}}}}");
}
