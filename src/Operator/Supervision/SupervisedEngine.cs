namespace GpuStack.Operator.Supervision;

/// <summary>Whose metrics, key and words the supervisor reads.</summary>
internal enum SupervisedEngine
{
    LlamaCpp,

    VLLM,

    SGLang,
}
