using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Where the groups of the deployment run.</summary>
[CelRule(
    "!has(self.maxNodes) || self.maxNodes == 1 || !has(self.scope) || !(self.scope in ['SingleGpu', 'SingleNode'])",
    "maxNodes above 1 contradicts scope SingleGpu or SingleNode: remove one of them",
    FieldPath = ".maxNodes")]
[CelRule(
    "!has(self.maxNodes) || self.maxNodes > 1 || !has(self.scope) || self.scope != 'MultiNode'",
    "scope MultiNode needs at least two nodes: raise maxNodes or remove it",
    FieldPath = ".maxNodes")]
[CelRule(
    "!has(self.leader) || !has(self.leader.nodeName) || !has(self.nodeSelector) || !('kubernetes.io/hostname' in " +
    "self.nodeSelector) || (has(self.scope) && self.scope == 'MultiNode') || self.nodeSelector['kubernetes.io/hostname'] == " +
    "self.leader.nodeName",
    "nodeSelector names another node than leader.nodeName: remove one of them",
    FieldPath = ".leader.nodeName")]
[CelRule(
    "!has(self.nodeSelector) || !('kubernetes.io/hostname' in self.nodeSelector) || !has(self.scope) || self.scope != 'MultiNode'",
    "a nodeSelector on kubernetes.io/hostname leaves one node, scope MultiNode needs several: remove one of them",
    FieldPath = ".nodeSelector")]
public sealed class PlacementSpec
{
    /// <summary>How far one group may spread. Auto takes the first of SingleGpu, SingleNode and MultiNode that holds the model.</summary>
    public PlacementScope Scope { get; set; } = PlacementScope.Auto;

    /// <summary>Which of several fitting places is taken: Pack the smallest, Spread the largest.</summary>
    public PlacementStrategy Strategy { get; set; } = PlacementStrategy.Pack;

    /// <summary>Where the leader runs.</summary>
    public LeaderSpec? Leader { get; set; }

    /// <summary>Which GPUs may be used.</summary>
    public GpuSelectorSpec? GpuSelector { get; set; }

    /// <summary>Labels that a node must carry.</summary>
    [Items(0, 32)]
    [Length(0, 63)]
    public Dictionary<string, string>? NodeSelector { get; set; }

    /// <summary>Taints that the pods tolerate.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 32)]
    public List<V1Toleration>? Tolerations { get; set; }

    /// <summary>
    /// Node label whose values are network domains, such as <c>topology.kubernetes.io/rack</c>; groups over several nodes prefer few
    /// of them.
    /// </summary>
    [Length(1, 316)]
    [Pattern("^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")]
    public string? TopologyKey { get; set; }

    /// <summary>Whether one group may mix GPU products. vLLM and SGLang never do.</summary>
    public Permission MixedGpus { get; set; } = Permission.Allowed;

    /// <summary>Whether layers that fit no GPU may run on the leader's CPU (llama.cpp), which is much slower.</summary>
    public Permission CpuOffload { get; set; } = Permission.Forbidden;

    /// <summary>Most nodes of one group. Default: no limit.</summary>
    [Range(1, 10_000)]
    public int? MaxNodes { get; set; }

    /// <summary>How GPU memory is counted.</summary>
    public PlacementMemorySpec Memory { get; set; } = new();
}
