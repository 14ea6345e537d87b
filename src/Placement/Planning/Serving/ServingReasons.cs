using System.Globalization;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>Says what keeps vLLM or SGLang from serving a model: on GPUs of one class, or with the sizes that the user asks for.</summary>
internal sealed class ServingReasons(PlacementRequest request)
{
    private readonly ServingFits _fits = ServingFits.Of(request);

    /// <summary>Why no GPU at all could serve the model with the sizes asked for; names the field. Null when some could.</summary>
    public string? Refusal()
    {
        if (request.TensorParallel is { } tensor && _fits.Served.Refusal(tensor, 1) is { } heads)
            return Text($"engine.parallelism.tensor {tensor}: {Plain(heads)}");
        return request.PipelineParallel is { } pipeline && _fits.Served.Refusal(1, pipeline) is { } layers
            ? Text($"engine.parallelism.pipeline {pipeline}: {Plain(layers)}")
            : null;
    }

    /// <summary>Whether one node of a class holds the model by itself, in the way that was asked for.</summary>
    public bool Holds(NodeClass c, int gpus) => Choice(c).BestOnOneNode(1, gpus) is not null;

    /// <summary>Whether so many GPUs of a node of a class can hold some stages of the model.</summary>
    public bool HoldsStages(NodeClass c, int gpus)
    {
        var fits = _fits.On(new GpuKind(c.Devices.Product, c.Devices.MemoryPerGpu));
        return Enumerable.Range(1, Math.Min(gpus, LayoutChoice.MostGpusPerNode))
            .Any(tensor => (request.TensorParallel ?? tensor) == tensor && fits.MayHaveStages(tensor));
    }

    /// <summary>What one node of a class lacks to hold the model by itself: a clause with numbers.</summary>
    public string Lacks(NodeClass c, int most)
    {
        if (Refusal() is { } refusal)
            return refusal;
        var gpus = Math.Min(most, LayoutChoice.MostGpusPerNode);
        if (request.TensorParallel is { } tensor && tensor > gpus)
            return Text($"engine.parallelism.tensor {tensor} needs {tensor} free GPUs of one node, free for it {gpus}");
        var gpu = new GpuKind(c.Devices.Product, c.Devices.MemoryPerGpu);
        if (Largest(gpus) is not { } sizes)
            return Text($"{Asked()} needs more GPUs than the {gpus} free for it");
        var fit = _fits.On(gpu).Of(sizes);
        var layout = Text($"tensor {sizes.Tensor} × pipeline {sizes.Pipeline} on {sizes.Tensor * sizes.Pipeline} x {DeviceReader.Describe(c.Devices)} ({gpu.Memory} each)");
        return fit.Lacks is { } lacks ? $"{layout}: {Plain(lacks)}" : $"{layout} fits";
    }

    private LayoutChoice Choice(NodeClass c) =>
        new(_fits.On(new GpuKind(c.Devices.Product, c.Devices.MemoryPerGpu)), _fits.Speed, request, c.Devices.Speed);

    /// <summary>The sizes with the most of so many GPUs, the largest stages first, that the engine would use and the user wants.</summary>
    private ParallelSizes? Largest(int gpus)
    {
        for (var count = gpus; count >= 1; count--)
        {
            for (var tensor = count; tensor >= 1; tensor--)
            {
                var sizes = new ParallelSizes(tensor, count / tensor);
                if (count % tensor == 0 && (request.TensorParallel ?? tensor) == tensor && (request.PipelineParallel ?? sizes.Pipeline) == sizes.Pipeline
                    && _fits.Served.Refusal(tensor, sizes.Pipeline) is null)
                    return sizes;
            }
        }

        return null;
    }

    private string Asked() => (request.TensorParallel, request.PipelineParallel) switch
    {
        ({ } tensor, { } pipeline) => Text($"engine.parallelism: tensor {tensor} × pipeline {pipeline}"),
        (null, { } pipeline) => Text($"engine.parallelism.pipeline {pipeline}"),
        ({ } tensor, null) => Text($"engine.parallelism.tensor {tensor}"),
        _ => request.Launch.ModelName,
    };

    /// <summary>A sentence as a clause: without its full stop.</summary>
    private static string Plain(string sentence) => sentence.TrimEnd('.');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
