using GpuStack.Placement.Products;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>
/// Chooses how the model is divided over GPUs of one kind. Both engines give every node equally many ranks, the ranks of a stage
/// next to each other (vLLM and SGLang refuse tensor × pipeline that the nodes do not divide), so a stage stays inside a node
/// when its size divides the GPUs of the node. Of the sizes that fit, the fastest one is taken.
/// </summary>
internal sealed class LayoutChoice(KindFits fits, ServingSpeedModel speed, PlacementRequest request, DeviceSpeed device)
{
    /// <summary>No machine has more GPUs; what a label states beyond is not used.</summary>
    public const int MostGpusPerNode = 64;

    private readonly (bool Asked, ServingLayout? Best)[] _onOneNode = new (bool, ServingLayout?)[MostGpusPerNode + 1];

    /// <summary>What the model takes on the GPUs.</summary>
    public KindFits Fits => fits;

    /// <summary>The layout that makes the most of its GPUs (<see cref="ServingLayout.CompareWorth"/>) on one node, between two counts; null when none fits.</summary>
    public ServingLayout? BestOnOneNode(int fewest, int most)
    {
        ServingLayout? best = null;
        for (var gpus = fewest; gpus <= Math.Min(most, MostGpusPerNode); gpus++)
        {
            if (!_onOneNode[gpus].Asked)
                _onOneNode[gpus] = (true, Best(1, gpus));
            if (_onOneNode[gpus].Best is not { } layout)
                continue;
            if (best is null)
                most = Math.Min(most, ServingLayout.MostGpus(gpus));
            best = best is null || ServingLayout.CompareWorth(layout, best) < 0 ? layout : best;
        }

        return best;
    }

    /// <summary>The fastest layout of exactly so many nodes and GPUs on each; null when none fits.</summary>
    public ServingLayout? Best(int nodes, int gpusPerNode)
    {
        var ranks = (long)nodes * gpusPerNode;
        if (ranks < fits.LeastGpus || nodes > fits.Layers)
            return null;
        ServingLayout? best = null;
        // The largest first: of equally fast ones it has the fewest stages.
        for (var tensor = gpusPerNode; tensor >= 1; tensor--)
        {
            if (gpusPerNode % tensor != 0 || !IsWished((int)(ranks / tensor), tensor))
                continue;
            var sizes = new ParallelSizes(tensor, (int)(ranks / tensor));
            if (sizes.Pipeline > 1 && !fits.MayHaveStages(tensor))
                continue;
            if (fits.Of(sizes) is not { Fits: true } fit)
                continue;
            var layout = new ServingLayout(nodes, gpusPerNode, fit, speed.Predict(new(device, tensor, sizes.Pipeline, nodes)));
            if (best is null || ServingLayout.CompareSpeed(layout, best) < 0)
                best = layout;
        }

        return best;
    }

    private bool IsWished(int pipeline, int tensor) =>
        (request.TensorParallel ?? tensor) == tensor && (request.PipelineParallel ?? pipeline) == pipeline;
}
