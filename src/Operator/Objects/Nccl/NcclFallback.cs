namespace GpuStack.Operator.Objects.Nccl;

/// <summary>How far NCCL was turned down because it failed; each step includes those before it.</summary>
public enum NcclFallback
{
    /// <summary>GPUs of a node reach each other through host memory.</summary>
    PeerToPeerOff,

    /// <summary>Nodes reach each other by TCP alone.</summary>
    InfiniBandOff,

    /// <summary>NCCL tells what it does; nothing is left to turn off.</summary>
    Debug,
}
