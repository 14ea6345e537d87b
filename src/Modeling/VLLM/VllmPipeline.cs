using System.Collections.Immutable;

namespace GpuStack.Modeling.VLLM;

/// <summary>How vLLM divides layers among pipeline stages.</summary>
internal static class VllmPipeline
{
    /// <summary>
    /// <c>get_pp_indices</c> (<c>vllm/distributed/utils.py</c>): the same number each; what is left over goes to the stages before the
    /// last one, from the back, because the last one also holds the output head.
    /// </summary>
    /// <exception cref="ArgumentException">The layers given for each stage are not as many as there are stages, or as the model's.</exception>
    public static int[] LayersPerStage(int layers, int stages, ImmutableArray<int> given)
    {
        if (!given.IsDefaultOrEmpty)
        {
            return given.Length == stages && given.Min() >= 0 && given.Sum() == layers
                ? [.. given]
                : throw new ArgumentException(
                    $"VLLM_PP_LAYER_PARTITION gives {given.Sum()} layers to {given.Length} stages; the model has {layers} layers, and there are {stages} stages.",
                    nameof(given));
        }

        int[] result = new int[stages];
        Array.Fill(result, layers / stages);
        for (int i = 0; i < layers % stages; i++)
        {
            result[stages - 2 - i]++;
        }

        return result;
    }
}
