namespace GpuStack.Entities.Conditions;

/// <summary>Types of the conditions in the status of a ModelDeployment.</summary>
public static class ConditionTypes
{
    /// <summary>The model's files were read.</summary>
    public const string ModelInspected = "ModelInspected";

    /// <summary>Every group has nodes and GPUs.</summary>
    public const string Planned = "Planned";

    /// <summary>Every pod is bound to its node.</summary>
    public const string Scheduled = "Scheduled";

    /// <summary>All groups serve requests, or none are wanted.</summary>
    public const string Ready = "Ready";

    /// <summary>The operator has work to do (kstatus).</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Only the user can mend it (kstatus).</summary>
    public const string Stalled = "Stalled";
}
