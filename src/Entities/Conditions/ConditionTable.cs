namespace GpuStack.Entities.Conditions;

/// <summary>Every condition that the operator writes: the one table that the guide, the code and the tests share.</summary>
public static class ConditionTable
{
    private const string True = "True";
    private const string False = "False";
    private const string Unknown = "Unknown";

    private static readonly ConditionTableRow[] Own =
    [
        new(ConditionTypes.ModelInspected, True, ConditionReasons.Inspected, "The model's files were read; status.model shows what they say.", ""),
        new(ConditionTypes.ModelInspected, Unknown, ConditionReasons.Inspecting, "The model's files are being read.", ""),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.ModelNotFound, "The source has no such repository, revision or file.", "Correct spec.model."),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.ModelInvalid, "The file is damaged or no model, or the source holds none, or several of the name.", "Correct spec.model, or repair the file."),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.ModelUnsupported, "The engine cannot run this architecture or format, or the memory it needs cannot be worked out.", "Choose another engine or file, or give the facts in spec.model.profile."),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.AccessDenied, "The source refuses access.", "Give a valid token in spec.model.secretRef."),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.SecretNotFound, "The Secret, or its key, does not exist in the namespace.", "Create the Secret, or correct the reference."),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.AddressForbidden, "The source, or a redirect of it, leads to an address that the operator must not open.", "Use a public address, or an endpoint that the operator's settings name."),
        new(ConditionTypes.ModelInspected, False, ConditionReasons.SourceUnreachable, "The source does not answer; it is tried again.", "Check the network and the mirrors."),
        new(ConditionTypes.Planned, True, ConditionReasons.Planned, "Every group has its nodes and GPUs; status.groups shows them.", ""),
        new(ConditionTypes.Planned, Unknown, ConditionReasons.Planning, "The plan is being made.", ""),
        new(ConditionTypes.Planned, False, ConditionReasons.NothingFits, "No place in the fleet holds the model now; status.rejected says why, status.suggestions what would help.", "Follow a suggestion, free GPUs or add some."),
        new(ConditionTypes.Planned, False, ConditionReasons.ConstraintsUnsatisfiable, "The spec asks for something that no fleet can give.", "Change the fields that the message names."),
        new(ConditionTypes.Planned, False, ConditionReasons.ModelNotInspected, "There is no plan before the model was inspected.", ""),
        new(ConditionTypes.Scheduled, True, ConditionReasons.Scheduled, "Every pod of every group is bound to its node.", ""),
        new(ConditionTypes.Scheduled, False, ConditionReasons.PodsPending, "Pods wait for their nodes.", ""),
        new(ConditionTypes.Scheduled, False, ConditionReasons.PodsUnschedulable, "The scheduler refuses pods; the message quotes it.", "Remove what it names."),
        new(ConditionTypes.Scheduled, False, ConditionReasons.QuotaExceeded, "A ResourceQuota of the namespace has no room for what a group needs; the message quotes the server. Tried again.", "Ask for a larger quota, or delete what takes it."),
        new(ConditionTypes.Scheduled, False, ConditionReasons.PodsRefused, "The cluster refuses to create pods, by Pod Security or another admission rule; the message quotes it. Tried again.", "Change what it names, in the namespace or in the spec."),
        new(ConditionTypes.Scheduled, False, ConditionReasons.NotPlanned, "There is nothing to schedule without a plan.", ""),
        new(ConditionTypes.Scheduled, False, ConditionReasons.NothingToRun, "No group is wanted: replicas 0, suspend or planOnly.", ""),
        new(ConditionTypes.Ready, True, ConditionReasons.Ready, "All groups serve requests.", ""),
        new(ConditionTypes.Ready, True, ConditionReasons.ScaledToZero, "spec.replicas is 0; the cache is kept.", ""),
        new(ConditionTypes.Ready, True, ConditionReasons.Suspended, "spec.suspend is true; the cache is kept.", ""),
        new(ConditionTypes.Ready, True, ConditionReasons.PlanOnly, "spec.planOnly is true; the plan stands in the status, nothing is created.", ""),
        new(ConditionTypes.Ready, False, ConditionReasons.GroupsStarting, "Pods are pulling images, fetching the model or loading it.", ""),
        new(ConditionTypes.Ready, False, ConditionReasons.GroupsNotReady, "Groups that were ready are not; the message names them.", ""),
        new(ConditionTypes.Ready, False, ConditionReasons.StartupTimeout, "A group was not ready within spec.engine.startupTimeout.", "Raise it, or read the engine's log."),
        new(ConditionTypes.Ready, False, ConditionReasons.InsufficientCapacity, "The model does not fit now; tried again whenever the fleet changes.", "Follow status.suggestions."),
        new(ConditionTypes.Ready, False, ConditionReasons.QuotaExceeded, "See Scheduled.", "Ask for a larger quota, or delete what takes it."),
        new(ConditionTypes.Ready, False, ConditionReasons.PodsRefused, "See Scheduled.", "Change what it names, in the namespace or in the spec."),
        new(ConditionTypes.Ready, False, ConditionReasons.Inspecting, "The model's files are being read.", ""),
        new(ConditionTypes.Ready, False, ConditionReasons.SourceUnreachable, "See ModelInspected.", "Check the network and the mirrors."),
        new(ConditionTypes.Reconciling, True, ConditionReasons.Progressing, "The operator is making what is wanted.", ""),
        new(ConditionTypes.Reconciling, True, ConditionReasons.WaitingForCapacity, "The deployment waits for GPUs, in the order of priority, then age.", ""),
        new(ConditionTypes.Reconciling, True, ConditionReasons.RollingOut, "Groups are moved to the changed spec, one after another.", ""),
        new(ConditionTypes.Reconciling, True, ConditionReasons.Replanning, "A group cannot run where it was, and gets a new plan.", ""),
        new(ConditionTypes.Reconciling, True, ConditionReasons.Retrying, "Something outside failed; it is tried again.", ""),
        new(ConditionTypes.Reconciling, False, ConditionReasons.Settled, "Nothing is left to do.", ""),
        new(ConditionTypes.Stalled, True, ConditionReasons.InvalidSpec, "The spec contradicts itself; the message names field and remedy.", "Correct it."),
        new(ConditionTypes.Stalled, True, ConditionReasons.NameConflict, "An object with a name that the operator needs exists and is not the operator's.", "Delete or rename that object, or the ModelDeployment."),
        new(ConditionTypes.Stalled, True, ConditionReasons.FeatureUnavailable, "The cluster drops a field that the deployment needs, such as image volumes.", "Enable the feature, or choose another source."),
        new(ConditionTypes.Stalled, True, ConditionReasons.SecurityForbidden, "What was asked for is unsafe and refused, such as hostNetwork with llama.cpp workers.", "Remove it."),
        new(ConditionTypes.Stalled, True, ConditionReasons.EngineFailing, "The engine restarted more than 5 times in an hour; it is tried every 10 minutes.", "Read the engine's last words in the message and its log."),
        new(ConditionTypes.Stalled, True, ConditionReasons.NcclFailing, "All NCCL fallbacks were tried.", "Read NCCL's log; set spec.network."),
        new(ConditionTypes.Stalled, True, ConditionReasons.ConstraintsUnsatisfiable, "See Planned.", "Change the fields that the message names."),
        new(ConditionTypes.Stalled, True, ConditionReasons.ModelNotFound, "See ModelInspected.", "Correct spec.model."),
        new(ConditionTypes.Stalled, True, ConditionReasons.ModelInvalid, "See ModelInspected.", "Correct spec.model, or repair the file."),
        new(ConditionTypes.Stalled, True, ConditionReasons.ModelUnsupported, "See ModelInspected.", "Choose another engine or file, or give the facts in spec.model.profile."),
        new(ConditionTypes.Stalled, True, ConditionReasons.AccessDenied, "See ModelInspected.", "Give a valid token in spec.model.secretRef."),
        new(ConditionTypes.Stalled, True, ConditionReasons.SecretNotFound, "See ModelInspected.", "Create the Secret, or correct the reference."),
        new(ConditionTypes.Stalled, True, ConditionReasons.AddressForbidden, "See ModelInspected.", "Use a public address."),
        new(ConditionTypes.Stalled, False, ConditionReasons.NotStalled, "Nothing needs the user.", ""),
    ];

    /// <summary>The rows, by type. What stalls a deployment is also the reason why it is not Ready.</summary>
    public static IReadOnlyList<ConditionTableRow> Rows { get; } =
    [
        .. Own
            .Concat(Own.Where(row => row is { Type: ConditionTypes.Stalled, Status: True })
                .Select(row => row with { Type = ConditionTypes.Ready, Status = False, Meaning = "See Stalled." }))
            .OrderBy(row => Array.FindIndex(Own, own => own.Type == row.Type)),
    ];

    /// <summary>Whether the table knows the combination.</summary>
    public static bool Contains(string type, string status, string reason) =>
        Rows.Any(row => row.Type == type && row.Status == status && row.Reason == reason);
}
