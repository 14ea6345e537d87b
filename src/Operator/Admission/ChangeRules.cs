using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.Validation;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Admission;

/// <summary>What a change of a spec would do. Pure.</summary>
internal static class ChangeRules
{
    /// <summary>
    /// What a claim that is there cannot become. What the spec said before is not asked again: the claim may be of an earlier deployment, or
    /// somebody may have made it larger.
    /// </summary>
    /// <param name="wanted">The spec as it would be stored.</param>
    /// <param name="present">The spec as it is; null for a new deployment.</param>
    /// <param name="facts">What else is known.</param>
    public static IEnumerable<FieldProblem> Problems(ModelDeploymentSpec wanted, ModelDeploymentSpec? present, AdmissionFacts facts)
    {
        const string Remedy = "delete the claim, or make a new deployment";
        if (facts.CacheClaim is not { } claim || wanted.Cache.PersistentVolumeClaim is not { Size: { } size, Sharing: ClaimSharing.Shared } next)
            yield break;
        // A claim that was named, and not made, says nothing of the one that is there.
        var before = present?.Cache.PersistentVolumeClaim is { Size: not null } made ? made : null;
        if (claim.Spec?.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var storage) && size < storage && size != before?.Size)
            yield return new FieldProblem("spec.cache.persistentVolumeClaim.size", $"the claim {claim.Metadata.Name} has {storage}, and claims cannot shrink; give at least that, or {Remedy}");
        if (next.StorageClassName != claim.Spec?.StorageClassName && (before is null ? next.StorageClassName is not null : next.StorageClassName != before.StorageClassName))
            yield return new FieldProblem("spec.cache.persistentVolumeClaim.storageClassName", $"the claim {claim.Metadata.Name} keeps the class that it was made with; {Remedy}");
        if (claim.Spec?.AccessModes is { } modes && !modes.Contains($"{next.AccessMode}", StringComparer.Ordinal) && next.AccessMode != before?.AccessMode)
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
