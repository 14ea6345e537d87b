using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.Validation;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Admission;

/// <summary>What a change of a spec would do. Pure.</summary>
internal static class ChangeRules
{
    /// <summary>Changes that cannot be carried out: those of a claim that is there.</summary>
    public static IEnumerable<FieldProblem> Problems(ModelDeploymentSpec wanted, ModelDeploymentSpec present, AdmissionFacts facts)
    {
        const string Remedy = "delete the claim, or make a new deployment";
        if (facts.CacheClaim is not { } claim || wanted.Cache.PersistentVolumeClaim is not { Size: { } size, Sharing: ClaimSharing.Shared } next)
            yield break;
        var before = present.Cache.PersistentVolumeClaim;
        if (claim.Spec?.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var storage) && size < storage)
            yield return new FieldProblem("spec.cache.persistentVolumeClaim.size", $"the claim {claim.Metadata.Name} has {storage}, and claims cannot shrink; give at least that, or {Remedy}");
        if (before is { Size: not null } && next.StorageClassName != before.StorageClassName)
            yield return new FieldProblem("spec.cache.persistentVolumeClaim.storageClassName", $"the claim {claim.Metadata.Name} keeps the class that it was made with; {Remedy}");
        if (before is { Size: not null } && next.AccessMode != before.AccessMode)
            yield return new FieldProblem("spec.cache.persistentVolumeClaim.accessMode", $"the claim {claim.Metadata.Name} keeps the access mode that it was made with; {Remedy}");
    }

    /// <summary>That the change restarts what runs, in a sentence; null when it does not.</summary>
    public static string? Restart(ModelDeployment wanted, ModelDeployment present)
    {
        var running = present.Status?.ReadyReplicas ?? 0;
        if (running == 0 || wanted.Spec is { Suspend: true } or { Replicas: 0 } or { PlanOnly: true })
            return null;
        if (SpecHash.Pods(wanted.Spec) == SpecHash.Pods(present.Spec) && SpecHash.PlanningInput(wanted.Spec) == SpecHash.PlanningInput(present.Spec))
            return null;
        var groups = running == 1 ? "the group that serves" : $"the {running} groups that serve";
        return wanted.Spec.UpdateStrategy.Type == UpdateStrategyType.OnDelete
            ? $"the change reaches {groups} when their pods are deleted (updateStrategy OnDelete)"
            : running == 1
                ? $"the change restarts {groups}: there are no answers until the model is loaded again"
                : $"the change restarts {groups}, {wanted.Spec.UpdateStrategy.MaxUnavailable} at a time";
    }
}
