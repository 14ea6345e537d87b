namespace GpuStack.Entities.V1Alpha1;

/// <summary>Use of RDMA between the pods of a group.</summary>
public enum RdmaMode
{
    /// <summary>Used where every node of the group offers it.</summary>
    Auto,

    /// <summary>Never used.</summary>
    Disabled,
}
