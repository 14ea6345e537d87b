namespace GpuStack.Entities.V1Alpha1;

/// <summary>An inference engine.</summary>
public enum EngineType
{
    /// <summary>LlamaCpp for GGUF files, VLLM otherwise.</summary>
    Auto,

    /// <summary>llama.cpp: llama-server, with ggml-rpc-server workers on further nodes.</summary>
    LlamaCpp,

    /// <summary>vLLM.</summary>
    VLLM,

    /// <summary>SGLang.</summary>
    SGLang,
}
