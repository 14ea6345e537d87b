namespace GpuStack.Operator.Planning.Changes;

/// <summary>What applying a spec does to a group.</summary>
internal enum ChangeAction
{
    /// <summary>Nothing: its pods go on running.</summary>
    Unchanged,

    /// <summary>Its pods are replaced on the nodes and GPUs that it has.</summary>
    Restart,

    /// <summary>Its pods are replaced on other nodes, or with other GPUs of them.</summary>
    Move,

    /// <summary>It would have to change and cannot: it goes on running as it is.</summary>
    Keep,

    /// <summary>It is new.</summary>
    Create,

    /// <summary>It ends, and its GPUs are given back.</summary>
    Remove,
}
