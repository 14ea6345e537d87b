using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Serving;

/// <summary>The layers of one pipeline stage.</summary>
/// <param name="Start">The first layer.</param>
/// <param name="End">The layer after the last one.</param>
/// <param name="First">Whether it takes the tokens in.</param>
/// <param name="Last">Whether it gives the logits.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PipelineStage(int Start, int End, bool First, bool Last)
{
    /// <summary>Stages of the given numbers of layers.</summary>
    public static PipelineStage[] Of(ReadOnlySpan<int> layers)
    {
        var stages = new PipelineStage[layers.Length];
        int start = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            stages[i] = new(start, start + layers[i], i == 0, i == layers.Length - 1);
            start += layers[i];
        }

        return stages;
    }
}
