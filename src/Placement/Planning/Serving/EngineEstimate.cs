using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>
/// Asks the estimator of a launch's engine, with the share of each GPU that <c>placement.memory.utilization</c> means for it.
/// <para>
/// vLLM has that very setting: weights, activations, graphs and cache together stay within memory × utilization. It asks for that share
/// of the whole GPU and does not start when less is free beside its process, so on small GPUs the share is lowered to what is.
/// SGLang's <c>mem_fraction_static</c> is for weights and cache alone, out of what is free once its process stands; activations and CUDA
/// graphs come on top. It is set so that all of them together stay within memory × utilization; what SGLang itself would choose depends on
/// other things. A fraction that the user gives is taken as it is.
/// </para>
/// </summary>
/// <param name="Estimate">What each rank takes.</param>
/// <param name="Fraction">The share that the engine is started with.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EngineEstimate(ServingEstimate Estimate, double Fraction)
{
    /// <summary>A share under which nothing runs; shares have three digits, as on the engines' command lines.</summary>
    private const double LeastFraction = 0.001;

    /// <summary>Estimates a launch on GPUs of one kind.</summary>
    /// <param name="launch">The model and its settings.</param>
    /// <param name="utilization">Share of a GPU that may be used.</param>
    /// <param name="gpu">The GPUs.</param>
    /// <param name="sizes">How the model is divided.</param>
    /// <exception cref="ArgumentException">The engine would not divide the model so, or a setting is out of range.</exception>
    public static EngineEstimate Of(ModelLaunch launch, double utilization, in GpuKind gpu, ParallelSizes sizes) => launch switch
    {
        VllmLaunch vllm => Vllm(vllm, utilization, gpu, sizes),
        SglangLaunch sglang => Sglang(sglang, utilization, gpu, sizes),
        _ => throw new ArgumentException($"{launch.Engine} has no ranks.", nameof(launch)),
    };

    /// <summary>The model of a launch.</summary>
    public static ServedModel Served(ModelLaunch launch) => launch switch
    {
        VllmLaunch vllm => vllm.Served,
        SglangLaunch sglang => sglang.Served,
        _ => throw new ArgumentException($"{launch.Engine} has no ranks.", nameof(launch)),
    };

    /// <summary>What is asked of the engine's cache.</summary>
    public static ServingDemand Demand(ModelLaunch launch) => launch switch
    {
        VllmLaunch vllm => vllm.Demand,
        SglangLaunch sglang => sglang.Demand,
        _ => throw new ArgumentException($"{launch.Engine} has no ranks.", nameof(launch)),
    };

    private static EngineEstimate Vllm(VllmLaunch launch, double utilization, in GpuKind gpu, ParallelSizes sizes)
    {
        var process = GpuProcess.Context + GpuProcess.Nccl(gpu.Product, gpu.Visible, sizes.Tensor * sizes.Pipeline);
        var share = launch.Options.GpuMemoryUtilization
            ?? Math.Min(utilization, Math.Max(LeastFraction, Digits((double)(gpu.Visible - process).Value / Math.Max(1, gpu.Visible.Value))));
        var options = launch.Options with
        {
            GpuMemory = gpu.Visible,
            GpuProduct = gpu.Product,
            TensorParallel = sizes.Tensor,
            PipelineParallel = sizes.Pipeline,
            GpuMemoryUtilization = share,
        };
        return new(VllmEstimator.Estimate(launch.Served, options, launch.Demand), share);
    }

    private static EngineEstimate Sglang(SglangLaunch launch, double utilization, in GpuKind gpu, ParallelSizes sizes)
    {
        var options = launch.Options with
        {
            GpuMemory = gpu.Visible,
            GpuProduct = gpu.Product,
            TensorParallel = sizes.Tensor,
            PipelineParallel = sizes.Pipeline,
        };
        if (options.MemoryFractionStatic is { } given)
            return new(SglangEstimator.Estimate(launch.Served, options, launch.Demand), given);
        // What a rank takes beside weights and cache does not depend on the fraction.
        var probe = SglangEstimator.Estimate(launch.Served, options with { MemoryFractionStatic = LeastFraction }, launch.Demand);
        var ranks = probe.Memory.Devices.Where(device => device.Kind != DeviceKind.Host).ToArray();
        var process = ranks.Max(rank => rank.Overhead);
        var buffers = ranks.Max(rank => rank.Compute);
        var free = Math.Max(1, (gpu.Visible - process).Value);
        var left = (gpu.Visible.Value * utilization) - process.Value - buffers.Value;
        var fraction = Math.Clamp(Digits(left / free), LeastFraction, 0.999);
        return new(SglangEstimator.Estimate(launch.Served, options with { MemoryFractionStatic = fraction }, launch.Demand), fraction);
    }

    /// <summary>Rounded down to the digits that engines are given.</summary>
    private static double Digits(double fraction) => Math.Floor(fraction * 1000) / 1000;
}
