using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Inspection;

/// <summary>What is known of a model: the facts of a GGUF model for llama.cpp, or those of a folder for vLLM and SGLang.</summary>
internal sealed record InspectedModel
{
    /// <summary>The facts of a GGUF model; null for a folder.</summary>
    public LlamaCppModel? Gguf { get; init; }

    /// <summary>The facts of a folder of safetensors files; null for GGUF.</summary>
    public TransformerModel? Folder { get; init; }

    /// <summary>The address of the (first) GGUF file; empty for folders, and when the model is on a volume.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>Commit or entity tag that the source's revision meant; empty when the source does not say.</summary>
    public string Revision { get; init; } = "";

    /// <summary>GGUF or Safetensors.</summary>
    public string Format => Gguf is not null ? "GGUF" : "Safetensors";

    /// <summary>The architecture, as the files name it.</summary>
    public string Architecture => Gguf?.Architecture ?? Folder?.Architecture ?? "";

    /// <summary>Transformer blocks, without the output layer.</summary>
    public int Layers => Gguf?.BlockCount ?? Folder?.Layers.Length ?? 0;

    /// <summary>Parameters; 0 when that is not known.</summary>
    public long Parameters => Gguf?.ParameterCount ?? Folder?.ParameterCount ?? 0;

    /// <summary>Tokens that the model was trained for; 0 when that is not known.</summary>
    public long ContextLength => Gguf?.ContextLength.Value ?? Folder?.ContextLength.Value ?? 0;

    /// <summary>Bytes of the weights.</summary>
    public long WeightBytes => Gguf?.TotalWeightBytes.Value ?? Folder?.WeightSize.Value ?? 0;

    /// <summary>The model as a plan knows it.</summary>
    public static InspectedModel Of(PlannedGroup plan) =>
        new() { Gguf = plan.Model, Folder = plan.Serving?.Model, DownloadUrl = plan.DownloadUrl, Revision = plan.Revision };

    /// <summary>The model of a profile alone, where the files cannot be read.</summary>
    /// <exception cref="InspectionFailedException">Facts are missing; the message names them.</exception>
    public static InspectedModel Of(ModelSourceSpec source, EngineType engine) => engine == EngineType.LlamaCpp
        ? new() { Gguf = ModelProfile.Alone(ModelSource.DisplayName(source), source.Profile) }
        : new() { Folder = TransformerProfile.Alone(ModelSource.DisplayName(source), source.Profile) };
}
