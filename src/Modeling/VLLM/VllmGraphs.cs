using System.Collections.Immutable;
using GpuStack.Modeling.Serving;

namespace GpuStack.Modeling.VLLM;

/// <summary>The memory of vLLM's CUDA graphs: a margin, because nothing in the model's shape says how large the driver makes a graph.</summary>
internal static class VllmGraphs
{
    /// <summary>
    /// What the driver keeps for one layer in one graph. Releases 0.10 to 0.19 logged 0.5 to 0.9 GiB for 67 or 83 graphs of 28 to 36 layers
    /// ("Graph capturing finished in 3 secs, took 0.50 GiB"); later ones estimate 1.94 GiB for some 102 graphs of 64 layers.
    /// </summary>
    private static readonly Bytes PerLayerAndGraph = new(256 * 1024);

    /// <summary>What the first graph takes in an estimate: 0.36 and 0.43 GiB were logged for two graphs.</summary>
    private static readonly Bytes First = Bytes.FromGiB(0.3);

    /// <summary>
    /// The graphs of each rank of a stage, as the engine itself estimates them from 0.21 on. Each size has a graph of the pieces between
    /// attention layers, and from 0.11 on those up to the number of sequences have a whole one for decoding (<c>FULL_AND_PIECEWISE</c>).
    /// </summary>
    public static Bytes Of(ServedModel served, VllmOptions options, in VllmBatch batch, in PipelineStage stage)
    {
        ImmutableArray<int> sizes = Sizes(options, batch);
        if (sizes.IsEmpty)
        {
            return default;
        }

        long sequences = VllmRules.WholeGraphs(options.Version) ? batch.Sequences : 0;
        int graphs = sizes.Length + sizes.Count(size => size <= sequences);
        Bytes largest = VllmActivations.OfGraph(served, options, sizes.Max());
        Bytes all = largest + (PerLayerAndGraph * graphs * (stage.End - stage.Start));
        return VllmRules.GraphsAreCharged(options.Version) ? First + all : all;
    }

    /// <summary>
    /// Sizes captured (<c>VllmConfig._set_cudagraph_sizes</c>): 1, 2, 4, from 8 to 256 in steps of 8, from then on in steps of 16, up to
    /// twice the number of sequences, at most 512 and at most a batch.
    /// </summary>
    private static ImmutableArray<int> Sizes(VllmOptions options, in VllmBatch batch)
    {
        if (options.EnforceEager)
        {
            return [];
        }

        if (!options.CudaGraphSizes.IsDefaultOrEmpty)
        {
            return options.CudaGraphSizes;
        }

        long largest = Math.Min(Math.Min(2 * batch.Sequences, 512), batch.Tokens);
        ImmutableArray<int>.Builder sizes = ImmutableArray.CreateBuilder<int>();
        for (int size = 1; size <= largest; size += size < 4 ? size : size == 4 ? 4 : size < 256 ? 8 : 16)
        {
            sizes.Add(size);
        }

        return sizes.ToImmutable();
    }
}
