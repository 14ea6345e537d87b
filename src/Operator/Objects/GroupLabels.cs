namespace GpuStack.Operator.Objects;

/// <summary>Labels and annotations of the objects that the operator makes. Selectors use them, so none may ever be renamed.</summary>
public static class GroupLabels
{
    /// <summary>The deployment's name: at most 40 characters, so it is always a label value.</summary>
    public const string Deployment = "inference.gpustack.io/deployment";

    /// <summary>The group's index, from 0.</summary>
    public const string Group = "inference.gpustack.io/group";

    /// <summary><see cref="LeaderRole"/>, <see cref="WorkerRole"/> or <see cref="HeadRole"/>.</summary>
    public const string Role = "inference.gpustack.io/role";

    /// <summary>The hash of the plan that the object follows.</summary>
    public const string PlanHash = "inference.gpustack.io/plan-hash";

    /// <summary>Annotation: the hash of what the operator asked for when it last applied the object.</summary>
    public const string AppliedHash = "inference.gpustack.io/applied-hash";

    /// <summary>Annotation of pods: the hash of the pod template, as far as the spec and the plan decide it.</summary>
    public const string TemplateHash = "inference.gpustack.io/template-hash";

    /// <summary>The index of a worker's shape: product, GPU count, usable bytes and layers per device.</summary>
    public const string Shape = "inference.gpustack.io/shape";

    /// <summary>The role of the pod that serves the API.</summary>
    public const string LeaderRole = "leader";

    /// <summary>The role of the pods that lend their GPUs to the leader, or run the further ranks.</summary>
    public const string WorkerRole = "worker";

    /// <summary>The role of a pod that runs only the head of a Ray cluster.</summary>
    public const string HeadRole = "head";

    /// <summary>The value of <c>app.kubernetes.io/managed-by</c>, and the field manager of every apply.</summary>
    public const string Manager = "gpustack-operator";
}
