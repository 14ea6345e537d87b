using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Objects;

/// <summary>
/// What the pods of all roles have in common: labels, pinning to the plan's nodes, the <c>restricted</c> Pod Security level, and the user's
/// overrides. The user's own labels never replace the operator's, and nothing of the user's can unpin a pod. Pure.
/// </summary>
internal static class PodTemplate
{
    private const long UserId = 1000;

    public static V1PodTemplateSpec Create(
        ModelDeployment deployment,
        PlannedGroup group,
        ImmutableArray<PlannedNode> nodes,
        Dictionary<string, string> labels,
        Dictionary<string, string> selector,
        string templateHash)
    {
        var overrides = deployment.Spec.PodTemplate ?? new PodTemplateSpec();
        var podLabels = new Dictionary<string, string>(overrides.Labels ?? [], StringComparer.Ordinal);
        foreach (var (key, value) in labels)
            podLabels[key] = value;
        podLabels[GroupLabels.PlanHash] = group.Hash;
        var hostNetwork = deployment.Spec.Network.HostNetwork;
        return new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta
            {
                Labels = podLabels,
                Annotations = new Dictionary<string, string>(overrides.Annotations ?? [], StringComparer.Ordinal)
                {
                    [GroupLabels.TemplateHash] = templateHash,
                },
            },
            Spec = new V1PodSpec
            {
                Affinity = nodes.IsEmpty ? WithoutGpus(hostNetwork ? group.Plan.Nodes : []) : Affinity(nodes, selector),
                Tolerations = deployment.Spec.Placement.Tolerations,
                // A Service called "vllm" or "llama" would put variables into the pod that engines take for their own settings.
                EnableServiceLinks = false,
                AutomountServiceAccountToken = false,
                ServiceAccountName = overrides.ServiceAccountName,
                PriorityClassName = overrides.PriorityClassName,
                RuntimeClassName = overrides.RuntimeClassName,
                ImagePullSecrets = overrides.ImagePullSecrets,
                TerminationGracePeriodSeconds = overrides.TerminationGracePeriodSeconds ?? SupervisorProgram.DefaultGraceSeconds,
                HostNetwork = hostNetwork ? true : null,
                DnsPolicy = hostNetwork ? "ClusterFirstWithHostNet" : null,
                SecurityContext = SecurityContext(overrides.SecurityContext),
            },
        };
    }

    /// <summary>The container's part of the <c>restricted</c> level.</summary>
    /// <param name="lockMemory">Whether it registers memory with an RDMA device, which the level does not allow.</param>
    public static V1SecurityContext ContainerSecurity(bool lockMemory = false) => new()
    {
        AllowPrivilegeEscalation = false,
        Capabilities = new V1Capabilities { Drop = ["ALL"], Add = lockMemory ? ["IPC_LOCK"] : null },
    };

    private static V1PodSecurityContext SecurityContext(V1PodSecurityContext? user) => new()
    {
        RunAsNonRoot = user?.RunAsNonRoot ?? (user?.RunAsUser is 0 ? null : true),
        RunAsUser = user?.RunAsUser ?? UserId,
        RunAsGroup = user?.RunAsGroup ?? UserId,
        FsGroup = user?.FsGroup ?? UserId,
        FsGroupChangePolicy = user?.FsGroupChangePolicy ?? "OnRootMismatch",
        SupplementalGroups = user?.SupplementalGroups,
        SeLinuxOptions = user?.SeLinuxOptions,
        SeccompProfile = user?.SeccompProfile ?? new V1SeccompProfile { Type = "RuntimeDefault" },
    };

    /// <summary>A pod that needs no GPU rather stands where there are none.</summary>
    /// <param name="taken">Nodes that it must leave to others of its group, whose ports it would take.</param>
    private static V1Affinity WithoutGpus(IEnumerable<PlannedNode> taken) => new()
    {
        NodeAffinity = new V1NodeAffinity
        {
            RequiredDuringSchedulingIgnoredDuringExecution = taken.Any() ? new V1NodeSelector
            {
                NodeSelectorTerms =
                [
                    new V1NodeSelectorTerm
                    {
                        MatchFields = [.. taken.Select(node => new V1NodeSelectorRequirement { Key = "metadata.name", Operator = "NotIn", Values = [node.Node] })],
                    },
                ],
            } : null,
            PreferredDuringSchedulingIgnoredDuringExecution =
            [
                new V1PreferredSchedulingTerm
                {
                    Weight = 100,
                    Preference = new V1NodeSelectorTerm
                    {
                        MatchExpressions = [new V1NodeSelectorRequirement { Key = "nvidia.com/gpu.present", Operator = "DoesNotExist" }],
                    },
                },
            ],
        },
    };

    /// <summary>One term per node, for <c>matchFields</c> takes one value; the terms are alternatives.</summary>
    private static V1Affinity Affinity(ImmutableArray<PlannedNode> nodes, Dictionary<string, string> selector) => new()
    {
        NodeAffinity = new V1NodeAffinity
        {
            RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
            {
                NodeSelectorTerms =
                [
                    .. nodes.Select(node => new V1NodeSelectorTerm
                    {
                        MatchFields = [new V1NodeSelectorRequirement { Key = "metadata.name", Operator = "In", Values = [node.Node] }],
                    }),
                ],
            },
        },
        PodAntiAffinity = new V1PodAntiAffinity
        {
            RequiredDuringSchedulingIgnoredDuringExecution =
            [
                new V1PodAffinityTerm
                {
                    LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string>(selector, StringComparer.Ordinal) },
                    TopologyKey = "kubernetes.io/hostname",
                },
            ],
        },
    };
}
