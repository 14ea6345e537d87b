namespace GpuStack.Placement.Planning.Volumes;

/// <summary>How a node's label, or its name, is compared; as in Kubernetes' node selectors.</summary>
public enum NodeOperator
{
    /// <summary>There, and one of the values.</summary>
    In,

    /// <summary>Not there, or none of the values.</summary>
    NotIn,

    /// <summary>There.</summary>
    Exists,

    /// <summary>Not there.</summary>
    DoesNotExist,

    /// <summary>There, a whole number, and greater than the one value.</summary>
    Gt,

    /// <summary>There, a whole number, and less than the one value.</summary>
    Lt,
}
