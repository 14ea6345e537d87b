using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp;

public sealed partial record LlamaCppModel
{
    /// <summary>The facts of a model from its file's header.</summary>
    /// <exception cref="GgufFormatException">The header is none of a language model that llama.cpp can serve.</exception>
    public static LlamaCppModel FromGguf(GgufHeader header) => new GgufModelFacts(header).Read();
}
