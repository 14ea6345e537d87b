namespace GpuStack.Modeling.Hubs;

/// <summary>The format of a model's files.</summary>
public enum ModelFormat
{
    /// <summary>GGUF files, for llama.cpp.</summary>
    Gguf,

    /// <summary>A folder of safetensors files and a <c>config.json</c> or <c>params.json</c>, for vLLM and SGLang.</summary>
    Safetensors,
}
