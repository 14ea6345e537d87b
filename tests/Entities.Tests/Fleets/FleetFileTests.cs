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

    private static JsonNode Shown(V1Node node) => new JsonObject
    {
        ["name"] = node.Metadata.Name,
        ["labels"] = JsonSerializer.SerializeToNode(node.Metadata.Labels, KubernetesJsonContext.Default.DictionaryStringString),
        ["annotations"] = JsonSerializer.SerializeToNode(node.Metadata.Annotations, KubernetesJsonContext.Default.DictionaryStringString),
        ["taints"] = JsonSerializer.SerializeToNode(node.Spec!.Taints, KubernetesJsonContext.Default.ListV1Taint),
        ["allocatable"] = JsonSerializer.SerializeToNode(node.Status!.Allocatable, KubernetesJsonContext.Default.DictionaryStringQuantity),
    };
}
