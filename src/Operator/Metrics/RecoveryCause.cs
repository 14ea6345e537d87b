namespace GpuStack.Operator.Metrics;

/// <summary>Why a group ceased to serve; of several, the last in this order counts.</summary>
internal enum RecoveryCause
{
    /// <summary>Its pods are there, and an engine in them is not ready.</summary>
    Engine,

    /// <summary>A pod is missing, ending, or has not started its engine.</summary>
    Pod,

    /// <summary>Its spec or its plan changed.</summary>
    Update,

    /// <summary>A node is NotReady or gone.</summary>
    Node,
}
