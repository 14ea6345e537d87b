namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The tensors of vision towers and their projectors.</summary>
internal static class TowerTensors
{
    /// <summary>Writes the towers; false when they are of a kind that is not described here.</summary>
    public static bool Write(CheckpointBuilder builder)
    {
        return !builder.Config.Multimodal;
    }
}
