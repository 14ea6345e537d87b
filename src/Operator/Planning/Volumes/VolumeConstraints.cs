using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Operator.Planning.Volumes;

/// <summary>
/// What the claims of a deployment mean for its place. A claim that is bound is where its volume is; one that waits for its first pod is
/// where its storage class, or a free volume of it, can be; a claim that somebody else has mounted on one node is there; a claim of the
/// user's that does not exist is nowhere. With llama.cpp the leader alone mounts claims: workers get their weights by RPC; with vLLM
/// and SGLang every rank does. Pure.
/// </summary>
internal static class VolumeConstraints
{
    /// <summary>More nodes than a group ever has.</summary>
    private const int MostWorkers = 256;

    /// <summary>The claims that all groups share.</summary>
    public static ImmutableArray<VolumeConstraint> Shared(ModelDeployment deployment, IVolumeSource storage) =>
    [
        .. Uses(deployment).SelectMany(use => Constraints(deployment, use, storage)),
    ];

    /// <summary>The claim that a group has for itself (<c>sharing: PerPod</c>); none for other caches.</summary>
    public static ImmutableArray<VolumeConstraint> OfGroup(ModelDeployment deployment, int group, IVolumeSource storage) =>
        ModelVolume.ClaimTemplate(deployment) is { } template
            // A StatefulSet names the claim of a pod by template and pod.
            ? [.. Constraints(deployment, new Use($"{template.Metadata.Name}-{ObjectName.Leader(deployment.Metadata.Name ?? "", group)}-0", template.Spec, Writes: true, PerPod: true), storage)]
            : [];

    /// <summary>The claims that the workers of a group have already for themselves, ordinal by ordinal; workers of llama.cpp have none.</summary>
    public static WorkerClaims OfWorkers(ModelDeployment deployment, int group, IVolumeSource storage)
    {
        if (ModelSource.Engine(deployment.Spec) == EngineType.LlamaCpp || ModelVolume.ClaimTemplate(deployment) is not { } template)
            return WorkerClaims.None;
        var namespaceName = deployment.Metadata.Namespace ?? "";
        var set = ObjectName.Workers(deployment.Metadata.Name ?? "", group, shape: 0);
        var claims = ImmutableArray.CreateBuilder<VolumeConstraint>();
        for (var ordinal = 0; ordinal < MostWorkers; ordinal++)
        {
            var name = $"{template.Metadata.Name}-{set}-{ordinal}";
            if (storage.Claim(namespaceName, name) is not { } claim)
                continue;
            // Those that were deleted are made anew on any node; the others keep their ordinals.
            while (claims.Count < ordinal)
                claims.Add(VolumeConstraint.AnyNode($"{template.Metadata.Name}-{set}-{claims.Count}"));
            claims.Add(Topology(name, namespaceName, claim, claim.Spec ?? template.Spec ?? new V1PersistentVolumeClaimSpec(), storage));
        }
        return new WorkerClaims(claims.ToImmutable());
    }

    /// <summary>Names of the claims that a deployment's pods mount, with those that the operator makes.</summary>
    public static IEnumerable<string> Names(ModelDeployment deployment) => Uses(deployment).Select(use => use.Claim);

    private static IEnumerable<Use> Uses(ModelDeployment deployment)
    {
        if (deployment.Spec.Model.PersistentVolumeClaim is { } model)
            yield return new Use(model.ClaimName, Made: null, Writes: false);
        switch (deployment.Spec.Cache.PersistentVolumeClaim)
        {
            case { ClaimName: { } name }:
                yield return new Use(name, Made: null, Writes: true);
                break;
            case { Size: { } size, Sharing: ClaimSharing.Shared } claim:
                yield return new Use(ObjectName.CacheClaim(deployment.Metadata.Name ?? ""), ModelVolume.ClaimSpec(claim, size), Writes: true);
                break;
            default:
                break;
        }
    }

    private static IEnumerable<VolumeConstraint> Constraints(ModelDeployment deployment, Use use, IVolumeSource storage)
    {
        var namespaceName = deployment.Metadata.Namespace ?? "";
        var claim = storage.Claim(namespaceName, use.Claim);
        if (claim?.Spec is null && use.Made is null)
        {
            if (storage.KnowsAllClaims)
                yield return VolumeConstraint.NoNode(use.Claim, $"claim {use.Claim}: it does not exist in the namespace {namespaceName}; create it");
            yield break;
        }
        var spec = claim?.Spec ?? use.Made!;
        var sharing = use.PerPod ? VolumeSharing.AnyNodes : Sharing(spec, use.Writes);
        // Every rank of vLLM and SGLang reads the files; a claim of a pod's own is looked at for the leader.
        var leaderOnly = use.PerPod || ModelSource.Engine(deployment.Spec) == EngineType.LlamaCpp;
        yield return With(Topology(use.Claim, namespaceName, claim, spec, storage), sharing, leaderOnly);
        if (sharing != VolumeSharing.AnyNodes && Holder(deployment, namespaceName, use.Claim, storage) is { } holder)
            yield return With(InUse(use.Claim, holder, sharing), sharing, leaderOnly);
    }

    private static VolumeConstraint With(VolumeConstraint constraint, VolumeSharing sharing, bool leaderOnly) =>
        new(constraint.Claim, constraint.Alternatives, constraint.Message) { LeaderOnly = leaderOnly, Sharing = sharing };

    private static VolumeConstraint Topology(
        string name, string namespaceName, V1PersistentVolumeClaim? claim, V1PersistentVolumeClaimSpec spec, IVolumeSource storage)
    {
        if (claim?.Status?.Phase is "Lost")
            return VolumeConstraint.NoNode(name, $"claim {name}: its volume {spec.VolumeName} is gone; make the claim anew");
        if (spec.VolumeName is { Length: > 0 } volumeName)
        {
            return storage.Volume(volumeName) is { } volume
                ? Of(name, VolumeTerms.Of(volume), "its volume is")
                : VolumeConstraint.AnyNode(name);
        }
        // Without a class, or with one that binds at once, the cluster decides without looking at pods; where, is seen when it has.
        if (storage.Class(spec.StorageClassName) is not { } storageClass || !StorageObjects.WaitsForFirstConsumer(storageClass))
            return VolumeConstraint.AnyNode(name);
        var free = storage.VolumesOfClass(storageClass.Metadata.Name ?? "")
            .Where(volume => StorageObjects.ClaimOf(volume) is not { } owner || owner == (namespaceName, name))
            .Where(volume => StorageObjects.Serves(volume, spec))
            .SelectMany(volume => VolumeTerms.Of(volume));
        var made = StorageObjects.Provisions(storageClass) ? VolumeTerms.Of(storageClass) : [];
        var alternatives = VolumeTerms.Merge(free.Concat(made));
        return alternatives.IsEmpty
            ? VolumeConstraint.NoNode(name, $"claim {name}: no volume of the storage class {storageClass.Metadata.Name} is free for it; add one")
            : Of(name, alternatives, $"volumes of its storage class {storageClass.Metadata.Name} are");
    }

    private static VolumeConstraint Of(string name, ImmutableArray<NodeTerm> alternatives, string subject)
    {
        const int most = 3;
        var shown = string.Join(", or ", alternatives.Where(term => !IsAbsence(term)).Take(most));
        var message = alternatives.IsEmpty
            ? $"claim {name}: its volume can be used on no node; correct the volume's nodeAffinity"
            : $"claim {name}: {subject} {shown}{(alternatives.Length > most ? ", ..." : "")}";
        return new VolumeConstraint(name, alternatives, message.Length <= 500 ? message : message[..500]);
    }

    private static bool IsAbsence(NodeTerm term) => !term.Labels.IsEmpty && term.Labels.All(requirement => requirement.Operator == NodeOperator.DoesNotExist);

    /// <summary>Of a claim's modes the freest that serves the use: pods that only read may stand on many nodes with ReadOnlyMany too.</summary>
    private static VolumeSharing Sharing(V1PersistentVolumeClaimSpec spec, bool writes)
    {
        var modes = spec.AccessModes ?? [];
        return modes.Contains("ReadWriteMany") || (!writes && modes.Contains("ReadOnlyMany")) ? VolumeSharing.AnyNodes
            : modes.Contains("ReadWriteOnce") || !modes.Contains("ReadWriteOncePod") ? VolumeSharing.OneNode
            : VolumeSharing.OnePod;
    }

    /// <summary>A pod of somebody else that has the claim mounted; plans of the deployment's own groups are counted by the planner.</summary>
    private static V1Pod? Holder(ModelDeployment deployment, string namespaceName, string claim, IVolumeSource storage) => storage
        .UsersOf(namespaceName, claim)
        .Where(pod => FleetFacts.From(pod) is { } facts && facts.Deployment != $"{namespaceName}/{deployment.Metadata.Name}")
        .MinBy(pod => pod.Metadata.Name, StringComparer.Ordinal);

    private static VolumeConstraint InUse(string claim, V1Pod holder, VolumeSharing sharing) => sharing == VolumeSharing.OnePod
        ? VolumeConstraint.NoNode(claim, $"claim {claim}: ReadWriteOncePod, and pod {holder.Metadata.Name} has it")
        : VolumeConstraint.OneNode(claim, holder.Spec!.NodeName!, $"claim {claim}: ReadWriteOnce, and pod {holder.Metadata.Name} has it on node {holder.Spec.NodeName}");

    /// <summary>One claim and how it is used.</summary>
    /// <param name="Claim">Its name.</param>
    /// <param name="Made">What the operator makes it with; null for claims of the user's.</param>
    /// <param name="Writes">Whether pods write to it.</param>
    /// <param name="PerPod">Whether it is one pod's own.</param>
    private sealed record Use(string Claim, V1PersistentVolumeClaimSpec? Made, bool Writes, bool PerPod = false);
}
