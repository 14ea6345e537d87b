using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.Generation;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Tests.Fleets;

public sealed class FleetFileTests
{
    public static TheoryData<string> Refused => CaseFiles.Names("fleets", ".refused.yaml");

    public static TheoryData<string> Expanded => CaseFiles.Names("fleets", ".input.yaml");

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_CaseFile_IsRefusedAsItsFirstLineSays(string name)
    {
        var text = CaseFiles.Read("fleets", name);

        var exception = Assert.Throws<ManifestException>(() => ClusterSnapshot.Read(text, name));
        Assert.Equal($"{name}:{CaseFiles.RefusalOf(text)}", exception.Message);
    }

    [Theory]
    [MemberData(nameof(Expanded))]
    public void Expand_CaseFile_GivesTheNodesOfTheExpectedFile(string name)
    {
        var nodes = FleetNodes.Expand(FleetFile.Read(CaseFiles.Read("fleets", name), name));

        var shown = new JsonArray([.. nodes.Select(Shown)]);
        Assert.Equal(CaseFiles.Read("fleets", name.Replace(".input.", ".expected.", StringComparison.Ordinal)), YamlText.Write(shown));
    }

    [Fact]
    public void Expand_Node_IsReadyAndHasAnAddressOfItsOwn()
    {
        var nodes = FleetNodes.Expand(new FleetFile("", [new NodeGroup { Name = "a", Count = 1000 }]));

        Assert.All(nodes, node => Assert.Contains(node.Status!.Conditions!, condition => condition is { Type: "Ready", Status: "True" }));
        Assert.Equal(1000, nodes.Select(node => node.Status!.Addresses![0].Address).Distinct().Count());
    }

    [Fact]
    public void Read_ListOfExpandedNodes_GivesTheSameNodes()
    {
        var fleet = FleetFile.Read(CaseFiles.Read("fleets", "vendors.input.yaml"), "vendors");
        var list = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["items"] = new JsonArray([.. FleetNodes.Expand(fleet).Select(node => JsonSerializer.SerializeToNode(node, KubernetesJsonContext.Default.V1Node))]),
        };

        foreach (var text in (string[])[YamlText.Write(list), list.ToJsonString()])
        {
            var snapshot = ClusterSnapshot.Read(text, "nodes.yaml");
            Assert.False(snapshot.PodsGiven);
            Assert.Equal(
                FleetNodes.Expand(fleet).Select(node => JsonSerializer.Serialize(node, KubernetesJsonContext.Default.V1Node)),
                snapshot.Nodes.Select(node => JsonSerializer.Serialize(node, KubernetesJsonContext.Default.V1Node)));
        }
    }

    [Fact]
    public void Read_ListWithPods_GivesBoth()
    {
        var snapshot = ClusterSnapshot.Read("""
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Node, metadata: {name: n, creationTimestamp: "2026-01-02T03:04:05Z"}, status: {allocatable: {cpu: 4, memory: 8Gi, nvidia.com/gpu: "1"}}}
            - {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: d}, spec: {nodeName: n, containers: [{name: c, resources: {requests: {nvidia.com/gpu: 1}}}]}}
            - {apiVersion: v1, kind: Service, metadata: {name: s}}
            """, "list.yaml");

        Assert.True(snapshot.PodsGiven);
        Assert.Equal("n", Assert.Single(snapshot.Nodes).Metadata.Name);
        Assert.Equal("n", Assert.Single(snapshot.Pods).Spec!.NodeName);
    }

    [Fact]
    public void Read_FleetWithDra_GivesSlicesInPlaceOfTheExtendedResource()
    {
        var snapshot = ClusterSnapshot.Read("""
            apiVersion: simulator.gpustack.io/v1alpha1
            kind: Fleet
            spec:
              nodeGroups:
              - {name: plugin, gpu: {vendor: nvidia, product: NVIDIA-L4, memory: 23034Mi, count: 1}}
              - {name: dra, count: 2, gpu: {vendor: amd, product: MI210, memory: 64Gi, count: 4, dra: true}}
            """, "fleet.yaml");

        Assert.Equal([true, false, false], snapshot.Nodes.Select(node => node.Status!.Allocatable!.Keys.Any(key => key.EndsWith("/gpu", StringComparison.Ordinal))));
        Assert.Equal("64G", snapshot.Nodes[1].Metadata.Labels!["amd.com/gpu.vram"]);
        Assert.Equal([("dra-0", "gpu.amd.com", 4), ("dra-1", "gpu.amd.com", 4)], snapshot.Slices.Select(slice => (slice.Spec!.NodeName, slice.Spec.Driver, slice.Spec.Devices!.Count)));
    }

    [Theory]
    [InlineData("List", "apiVersion: resource.k8s.io/v1, kind: ResourceSlice,")]
    [InlineData("List", "apiVersion: resource.k8s.io/v1beta1, kind: ResourceSlice,")]
    [InlineData("ResourceSliceList", "")]
    public void Read_ListWithSlices_GivesThem(string kind, string type)
    {
        var snapshot = ClusterSnapshot.Read($$"""
            apiVersion: v1
            kind: Node
            metadata: {name: n}
            ---
            kind: {{kind}}
            items:
            - { {{type}} metadata: {name: s}, spec: {driver: gpu.nvidia.com, nodeName: n, pool: {name: n, generation: 3, resourceSliceCount: 1}, devices: [{name: gpu-0, basic: {} }, {name: gpu-1}] } }
            """, "list.yaml");

        var spec = Assert.Single(snapshot.Slices).Spec!;
        Assert.Equal(("n", 3, 2), (spec.NodeName, spec.Pool!.Generation, spec.Devices!.Count));
    }

    private static JsonNode Shown(V1Node node) => new JsonObject
    {
        ["name"] = node.Metadata.Name,
        ["labels"] = JsonSerializer.SerializeToNode(node.Metadata.Labels, KubernetesJsonContext.Default.DictionaryStringString),
        ["annotations"] = JsonSerializer.SerializeToNode(node.Metadata.Annotations, KubernetesJsonContext.Default.DictionaryStringString),
        ["taints"] = JsonSerializer.SerializeToNode(node.Spec!.Taints, KubernetesJsonContext.Default.ListV1Taint),
        ["allocatable"] = JsonSerializer.SerializeToNode(node.Status!.Allocatable, KubernetesJsonContext.Default.DictionaryStringQuantity),
    };
}
