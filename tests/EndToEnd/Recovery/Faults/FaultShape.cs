namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>What a deployment needs.</summary>
internal enum FaultShape
{
    /// <summary>llama.cpp on one GPU.</summary>
    OneGpu,

    /// <summary>vLLM on several GPUs of a node.</summary>
    GpusOfANode,

    /// <summary>llama.cpp on several GPUs of a node.</summary>
    LlamaGpusOfANode,

    /// <summary>llama.cpp over several nodes.</summary>
    LlamaNodes,

    /// <summary>vLLM over two nodes by its own means.</summary>
    VllmNodes,

    /// <summary>vLLM over two nodes with Ray.</summary>
    RayNodes,

    /// <summary>vLLM over two nodes with a Ray head of its own.</summary>
    RayHeadNodes,

    /// <summary>SGLang over two nodes.</summary>
    SglangNodes,

    /// <summary>What fits nowhere.</summary>
    TooLarge,
}
