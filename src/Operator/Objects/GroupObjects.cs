using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Serving;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Objects;

/// <summary>
/// The objects of one group: the plan's ConfigMap, the headless Service, the policy of its pods, the StatefulSets of Ray's head, the workers and the
/// leader.
/// Everything that the plan decides is taken from the plan alone, so that the same plan always gives the same objects. Pure.
/// </summary>
internal static class GroupObjects
{
    /// <summary>Plans never change, and their hashes are asked for in every pass.</summary>
    private static readonly ConditionalWeakTable<PlannedGroup, string> ContentHashes = [];

    private static readonly ConditionalWeakTable<PlannedGroup, string> PodHashes = [];

    public static IReadOnlyList<IKubernetesObject> Build(ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var templateHash = TemplateHash(deployment, group);
        var objects = new List<IKubernetesObject> { PlanDocument(deployment, group), Headless(deployment, group) };
        if (PodsOf(deployment, group) > 1 && deployment.Spec.Access.NetworkPolicy == FeatureState.Enabled)
            objects.Add(GroupPolicy.Build(deployment, group, settings));
        if (GroupMembers.HasHead(deployment, group))
            objects.Add(Head(deployment, group, settings, templateHash));
        foreach (var shape in Shapes(group.Plan))
            objects.Add(Workers(deployment, group, shape, settings, templateHash));
        objects.Add(Leader(deployment, group, settings, templateHash));
        return objects;
    }

    /// <summary>How many pods the group has.</summary>
    public static int PodsOf(ModelDeployment deployment, PlannedGroup group) =>
        1 + group.Plan.Workers.Length + (GroupMembers.HasHead(deployment, group) ? 1 : 0);

    /// <summary>Changes when, and only when, the spec or the plan asks for other pods.</summary>
    public static string TemplateHash(ModelDeployment deployment, PlannedGroup group) =>
        SpecHash.Of($"{SpecHash.Pods(deployment.Spec)} {PodHashes.GetValue(group, static plan => SpecHash.Of(Content(OfPods(plan))))}");

    /// <summary>The workers of each shape, in the order of their devices.</summary>
    public static IEnumerable<ImmutableArray<PlannedNode>> Shapes(GroupPlan plan) =>
        plan.Workers.GroupBy(worker => worker.ShapeIndex).Select(shape => shape.ToImmutableArray());

    /// <summary>Where the workers listen, in the order of their devices: StatefulSet by StatefulSet, ordinal by ordinal.</summary>
    public static ImmutableArray<string> RpcEndpoints(ModelDeployment deployment, PlannedGroup group)
    {
        var name = deployment.Metadata.Name ?? "";
        return
        [
            .. Shapes(group.Plan).SelectMany(shape => shape.Select((worker, ordinal) =>
                $"{SupervisorProgram.Host(deployment, group, $"{ObjectName.Workers(name, group.Index, worker.ShapeIndex)}-{ordinal}")}:{LlamaServerArguments.RpcPort}")),
        ];
    }

    private static string Content(PlannedGroup group) => JsonSerializer.Serialize(group, PlanningJsonContext.Default.PlannedGroup);

    /// <summary>What pods are made of: a spec that asks for the same place by other words makes no other pods.</summary>
    private static PlannedGroup OfPods(PlannedGroup group) => group with { InputHash = "", SourceKey = "", FallbackReason = null, FallbackSpec = null };

    private static string ContentHash(PlannedGroup group) => ContentHashes.GetValue(group, static plan => SpecHash.Of(Content(plan)));

    private static V1ConfigMap PlanDocument(ModelDeployment deployment, PlannedGroup group)
    {
        var metadata = ObjectIdentity.Of(deployment, ObjectName.Plan(deployment.Metadata.Name ?? "", group.Index, ContentHash(group)), group.Index);
        metadata.Labels![GroupLabels.PlanHash] = group.Hash;
        return new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = metadata,
            Immutable = true,
            Data = new Dictionary<string, string>(StringComparer.Ordinal) { [PlannedGroup.FileName] = Content(group) },
        };
    }

    /// <summary>Gives the pods host names. The leader must find its workers before they are Ready.</summary>
    private static V1Service Headless(ModelDeployment deployment, PlannedGroup group) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = ObjectIdentity.Of(deployment, ObjectName.Headless(deployment.Metadata.Name ?? "", group.Index), group.Index),
        Spec = new V1ServiceSpec
        {
            ClusterIP = "None",
            PublishNotReadyAddresses = true,
            Selector = ObjectIdentity.Selector(deployment, group: group.Index),
            Ports = [new V1ServicePort { Name = SupervisorProgram.StatusPortName, Port = SupervisorProgram.StatusPort, Protocol = "TCP" }],
        },
    };

    private static V1StatefulSet Leader(ModelDeployment deployment, PlannedGroup group, OperatorSettings settings, string templateHash)
    {
        var name = ObjectName.Leader(deployment.Metadata.Name ?? "", group.Index);
        var selector = ObjectIdentity.Selector(deployment, GroupLabels.LeaderRole, group.Index);
        var metadata = ObjectIdentity.Of(deployment, name, group.Index, GroupLabels.LeaderRole);
        var template = PodTemplate.Create(deployment, group, [group.Plan.Leader], metadata.Labels!, selector, templateHash);
        if (group.Serving is null)
            LeaderPod.Fill(template.Spec!, deployment, group, settings);
        else
            ServingPods.FillLeader(template.Spec!, deployment, group, settings);
        return StatefulSet(deployment, group, metadata, selector, template, replicas: 1, ModelVolume.ClaimTemplate(deployment));
    }

    private static V1StatefulSet Workers(
        ModelDeployment deployment, PlannedGroup group, ImmutableArray<PlannedNode> shape, OperatorSettings settings, string templateHash)
    {
        var index = shape[0].ShapeIndex;
        var name = ObjectName.Workers(deployment.Metadata.Name ?? "", group.Index, index);
        var selector = ObjectIdentity.Selector(deployment, GroupLabels.WorkerRole, group.Index, index);
        var metadata = ObjectIdentity.Of(deployment, name, group.Index, GroupLabels.WorkerRole);
        metadata.Labels![GroupLabels.Shape] = $"{index}";
        var template = PodTemplate.Create(deployment, group, shape, metadata.Labels, selector, templateHash);
        if (group.Serving is null)
            WorkerPod.Fill(template.Spec!, deployment, group, shape[0], settings);
        else
            ServingPods.FillWorker(template.Spec!, deployment, group, shape[0], settings);
        // A worker of llama.cpp gets its weights from the leader; every rank of the others reads the files.
        return StatefulSet(deployment, group, metadata, selector, template, shape.Length, group.Serving is null ? null : ModelVolume.ClaimTemplate(deployment));
    }

    private static V1StatefulSet Head(ModelDeployment deployment, PlannedGroup group, OperatorSettings settings, string templateHash)
    {
        var selector = ObjectIdentity.Selector(deployment, GroupLabels.HeadRole, group.Index);
        var metadata = ObjectIdentity.Of(deployment, ObjectName.Head(deployment.Metadata.Name ?? "", group.Index), group.Index, GroupLabels.HeadRole);
        var template = PodTemplate.Create(deployment, group, [], metadata.Labels!, selector, templateHash);
        ServingPods.FillHead(template.Spec!, deployment, group, settings);
        return StatefulSet(deployment, group, metadata, selector, template, replicas: 1, claimTemplate: null);
    }

    private static V1StatefulSet StatefulSet(
        ModelDeployment deployment,
        PlannedGroup group,
        V1ObjectMeta metadata,
        Dictionary<string, string> selector,
        V1PodTemplateSpec template,
        int replicas,
        V1PersistentVolumeClaim? claimTemplate)
    {
        metadata.Labels![GroupLabels.PlanHash] = group.Hash;
        return new V1StatefulSet
        {
            ApiVersion = "apps/v1",
            Kind = "StatefulSet",
            Metadata = metadata,
            Spec = new V1StatefulSetSpec
            {
                Replicas = replicas,
                ServiceName = ObjectName.Headless(deployment.Metadata.Name ?? "", group.Index),
                // All pods of a group start together, and are replaced together by the operator.
                PodManagementPolicy = "Parallel",
                UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" },
                Selector = new V1LabelSelector { MatchLabels = selector },
                Template = template,
                VolumeClaimTemplates = claimTemplate is null ? null : [claimTemplate],
                PersistentVolumeClaimRetentionPolicy = claimTemplate is null ? null : new V1StatefulSetPersistentVolumeClaimRetentionPolicy
                {
                    WhenDeleted = deployment.Spec.Cache.RetentionPolicy.ToString(),
                    WhenScaled = "Retain",
                },
            },
        };
    }
}
