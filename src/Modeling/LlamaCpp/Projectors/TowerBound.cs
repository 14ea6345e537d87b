namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// What the compute buffer of a tower of an unknown type cannot exceed: everything of its widest block alive at once, as if
/// nothing were ever freed in it, with attention scores (types may not use flash attention) and the widest projection.
/// </summary>
internal static class TowerBound
{
    /// <summary>Patches per side where a file leaves the image's size open, as many as any type warms up with.</summary>
    private const long OpenSide = 92;

    /// <summary>Frames of the sound that llama.cpp warms up with, halved by the first convolutions.</summary>
    private const long AudioTokens = 3000;

    public static (long Buffer, long Inputs) Sizes(ProjectorTower tower)
    {
        bool vision = tower.Modality == ProjectorModality.Vision;
        long side = Math.Max(TowerGraph.WarmUpSide(tower), tower.ImageSize == 0 ? OpenSide : 0);
        long tokens = vision ? (side * side) + 1 : AudioTokens;
        long pixels = side * tower.PatchSize;
        long input = sizeof(float) * (vision ? 3 * pixels * pixels : AudioTokens * Math.Max(1, tower.MelBins));
        long columns = sizeof(float) * tokens * (vision ? 3L * tower.PatchSize * tower.PatchSize : 3L * tower.EmbeddingLength);
        long width = sizeof(float) * tokens * tower.EmbeddingLength;
        long inner = sizeof(float) * tokens * tower.FeedForwardLength;
        long scores = sizeof(float) * tokens * tokens * tower.HeadCount;
        long projected = sizeof(float) * tokens * Math.Max(tower.ProjectorLength, tower.OutputLength);
        long inputs = input + (sizeof(float) * tokens * 8);
        return (inputs + columns + (8 * width) + Math.Max(3 * inner, scores) + (2 * projected), inputs);
    }
}
