namespace GpuStack.Placement.Planning;

/// <summary>The engine that a plan is made for.</summary>
public enum PlacementEngine
{
    /// <summary>llama.cpp: llama-server as leader, ggml-rpc-server as workers.</summary>
    LlamaCpp,

    /// <summary>vLLM.</summary>
    VLLM,

    /// <summary>SGLang.</summary>
    SGLang,
}
