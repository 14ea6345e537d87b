namespace GpuStack.Modeling;

/// <summary>Where a part of a model is held.</summary>
public enum DeviceKind
{
    /// <summary>A GPU of another node, reached through a llama.cpp RPC worker.</summary>
    Rpc,

    /// <summary>A GPU of the node that runs the engine.</summary>
    Gpu,

    /// <summary>The main memory of the node that runs the engine.</summary>
    Host,
}
