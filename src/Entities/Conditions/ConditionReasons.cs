namespace GpuStack.Entities.Conditions;

/// <summary>Reasons of the conditions; <see cref="ConditionTable"/> says which belongs where.</summary>
public static class ConditionReasons
{
    /// <summary>The model's files were read; status.model shows what they say.</summary>
    public const string Inspected = "Inspected";

    /// <summary>The model's files are being read.</summary>
    public const string Inspecting = "Inspecting";

    /// <summary>The source has no such repository, revision or file.</summary>
    public const string ModelNotFound = "ModelNotFound";

    /// <summary>The file is damaged or no model, or the source holds none, or several of the name.</summary>
    public const string ModelInvalid = "ModelInvalid";

    /// <summary>The engine cannot run this architecture or format, or the memory it needs cannot be worked out.</summary>
    public const string ModelUnsupported = "ModelUnsupported";

    /// <summary>The source refuses access.</summary>
    public const string AccessDenied = "AccessDenied";

    /// <summary>The Secret, or its key, does not exist in the namespace.</summary>
    public const string SecretNotFound = "SecretNotFound";

    /// <summary>The source, or a redirect of it, leads to an address that the operator must not open.</summary>
    public const string AddressForbidden = "AddressForbidden";

    /// <summary>The source does not answer; it is tried again.</summary>
    public const string SourceUnreachable = "SourceUnreachable";

    /// <summary>Every group has its nodes and GPUs; status.groups shows them.</summary>
    public const string Planned = "Planned";

    /// <summary>The plan is being made.</summary>
    public const string Planning = "Planning";

    /// <summary>No place in the fleet holds the model now; status.rejected says why, status.suggestions what would help.</summary>
    public const string NothingFits = "NothingFits";

    /// <summary>The spec asks for something that no fleet can give.</summary>
    public const string ConstraintsUnsatisfiable = "ConstraintsUnsatisfiable";

    /// <summary>There is no plan before the model was inspected.</summary>
    public const string ModelNotInspected = "ModelNotInspected";

    /// <summary>Every pod of every group is bound to its node.</summary>
    public const string Scheduled = "Scheduled";

    /// <summary>Pods wait for their nodes.</summary>
    public const string PodsPending = "PodsPending";

    /// <summary>The scheduler refuses pods; the message quotes it.</summary>
    public const string PodsUnschedulable = "PodsUnschedulable";

    /// <summary>A ResourceQuota of the namespace has no room for what a group needs; the message quotes the server. Tried again.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>The cluster refuses to create pods, by Pod Security or another admission rule; the message quotes it. Tried again.</summary>
    public const string PodsRefused = "PodsRefused";

    /// <summary>There is nothing to schedule without a plan.</summary>
    public const string NotPlanned = "NotPlanned";

    /// <summary>No group is wanted: replicas 0, suspend or planOnly.</summary>
    public const string NothingToRun = "NothingToRun";

    /// <summary>All groups serve requests.</summary>
    public const string Ready = "Ready";

    /// <summary>spec.replicas is 0; the cache is kept.</summary>
    public const string ScaledToZero = "ScaledToZero";

    /// <summary>spec.suspend is true; the cache is kept.</summary>
    public const string Suspended = "Suspended";

    /// <summary>spec.planOnly is true; the plan stands in the status, nothing is created.</summary>
    public const string PlanOnly = "PlanOnly";

    /// <summary>Pods are pulling images, fetching the model or loading it.</summary>
    public const string GroupsStarting = "GroupsStarting";

    /// <summary>Groups that were ready are not; the message names them.</summary>
    public const string GroupsNotReady = "GroupsNotReady";

    /// <summary>A group was not ready within spec.engine.startupTimeout.</summary>
    public const string StartupTimeout = "StartupTimeout";

    /// <summary>The model does not fit now; tried again whenever the fleet changes.</summary>
    public const string InsufficientCapacity = "InsufficientCapacity";

    /// <summary>The operator is making what is wanted.</summary>
    public const string Progressing = "Progressing";

    /// <summary>The deployment waits for GPUs, in the order of priority, then age.</summary>
    public const string WaitingForCapacity = "WaitingForCapacity";

    /// <summary>Groups are moved to the changed spec, one after another.</summary>
    public const string RollingOut = "RollingOut";

    /// <summary>A group cannot run where it was, and gets a new plan.</summary>
    public const string Replanning = "Replanning";

    /// <summary>Something outside failed; it is tried again.</summary>
    public const string Retrying = "Retrying";

    /// <summary>Nothing is left to do.</summary>
    public const string Settled = "Settled";

    /// <summary>The spec contradicts itself; the message names field and remedy.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>An object with a name that the operator needs exists and is not the operator's.</summary>
    public const string NameConflict = "NameConflict";

    /// <summary>The cluster drops a field that the deployment needs, such as image volumes.</summary>
    public const string FeatureUnavailable = "FeatureUnavailable";

    /// <summary>What was asked for is unsafe and refused, such as hostNetwork with llama.cpp workers.</summary>
    public const string SecurityForbidden = "SecurityForbidden";

    /// <summary>The engine restarted more than 5 times in an hour; it is tried every 10 minutes.</summary>
    public const string EngineFailing = "EngineFailing";

    /// <summary>All NCCL fallbacks were tried.</summary>
    public const string NcclFailing = "NcclFailing";

    /// <summary>Nothing needs the user.</summary>
    public const string NotStalled = "NotStalled";
}
