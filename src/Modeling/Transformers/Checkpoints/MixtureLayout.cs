namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The names and sizes of a mixture of experts. The defaults are Qwen's.</summary>
internal sealed record MixtureLayout
{
    /// <summary>Whether a layer is a mixture; the others are dense.</summary>
    public Func<int, bool> IsMixture { get; init; } = _ => true;

    public string Module { get; init; } = "mlp";

    public string Router { get; init; } = "gate";

    public bool RouterBias { get; init; }

    /// <summary>The name of the router's correction bias; null without one.</summary>
    public string? Correction { get; init; }

    public string Experts { get; init; } = "experts";

    /// <summary>The gate; null for experts of two matrices.</summary>
    public string? Gate { get; init; } = "gate_proj";

    public string Up { get; init; } = "up_proj";

    public string Down { get; init; } = "down_proj";

    /// <summary>Whether all experts lie in one tensor per matrix, gate and up together.</summary>
    public StackedExperts Stacked { get; init; }

    public bool Bias { get; init; }

    /// <summary>Experts that every token uses, as one network; empty without.</summary>
    public string Shared { get; init; } = "";

    public int SharedLength { get; init; }

    /// <summary>The gate of the shared experts; null without one.</summary>
    public string? SharedGate { get; init; }

    /// <summary>Feed-forward length of one expert.</summary>
    public required int Length { get; init; }

    public required int Count { get; init; }
}
