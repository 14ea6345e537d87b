namespace GpuStack.Entities.V1Alpha1;

/// <summary>How an engine runs over several nodes.</summary>
public enum DistributionType
{
    /// <summary>The operator chooses what suits the engine.</summary>
    Auto,

    /// <summary>A Ray cluster (vLLM).</summary>
    Ray,

    /// <summary>The engine's own means.</summary>
    Native,
}
