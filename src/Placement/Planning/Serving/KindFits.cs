using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>What a launch takes on GPUs of one kind, each layout estimated once and then found without a search. Thread safe.</summary>
internal sealed class KindFits
{
    /// <summary>Larger sizes than any node has are not kept.</summary>
    private const int MostKept = 64;

    private readonly ServingQuestion _question;
    private readonly ServedModel _served;
    private readonly LayoutFit?[]?[] _fits = new LayoutFit?[MostKept + 1][];
    private long _leastGpus;

    public KindFits(ServingQuestion question, GpuKind gpu)
    {
        (_question, _served, Gpu) = (question, EngineEstimate.Served(question.Launch), gpu);
        Usable = new Bytes((long)(gpu.Memory.Value
            * (question.Launch is VllmLaunch { Options.GpuMemoryUtilization: { } given } ? given : question.Utilization)));
    }

    public GpuKind Gpu { get; }

    /// <summary>Layers of the model: the most stages.</summary>
    public int Layers => _served.Model.Layers.Length;

    /// <summary>Memory of one GPU that the engine may use: memory × utilization.</summary>
    public Bytes Usable { get; }

    /// <summary>
    /// The number of GPUs under which no layout can fit: their memory does not even hold the weights, each once. Every layout holds
    /// each weight at least once.
    /// </summary>
    public long LeastGpus
    {
        get
        {
            if (_leastGpus == 0)
            {
                _leastGpus = _question.Override is { } total ? Parts(total, Usable)
                    : Of(new(1, 1)).Estimate is { } estimate ? Parts(estimate.Memory.Weight, Gpu.Visible)
                    : 1;
            }

            return _leastGpus;
        }
    }

    /// <summary>Whether the model fits, divided so.</summary>
    public LayoutFit Of(ParallelSizes sizes)
    {
        if (sizes.Tensor is < 1 or > MostKept || sizes.Pipeline < 1 || sizes.Pipeline > Layers)
            return Judge(sizes);
        // Several threads may estimate the same layout; they find the same.
        var row = Volatile.Read(ref _fits[sizes.Tensor]);
        if (row is null)
            row = Interlocked.CompareExchange(ref _fits[sizes.Tensor], row = new LayoutFit?[Layers + 1], null) ?? row;
        if (Volatile.Read(ref row[sizes.Pipeline]) is { } known)
            return known;
        var fit = Judge(sizes);
        Volatile.Write(ref row[sizes.Pipeline], fit);
        return fit;
    }

    /// <summary>
    /// Whether a stage of one layer fits, on so many ranks. Every stage of every other layout holds such a one and more, so that
    /// kinds of GPUs too small for the buffers alone are given up at once.
    /// </summary>
    public bool MayHaveStages(int tensor) => Of(new(tensor, Layers)).Fits;

    private static long Parts(Bytes whole, Bytes part) => part.Value <= 0 ? int.MaxValue : whole.Value <= 0 ? 1 : ((whole.Value - 1) / part.Value) + 1;

    private LayoutFit Judge(ParallelSizes sizes)
    {
        if (_served.Refusal(sizes.Tensor, sizes.Pipeline) is { } refusal)
            return new(sizes, null, 0, refusal);
        try
        {
            var (estimate, fraction) = EngineEstimate.Of(_question.Launch, _question.Utilization, Gpu, sizes);
            return new(sizes, estimate, fraction, _question.Override is { } total ? LacksOf(total, sizes) : estimate.Reason ?? Overbooked(estimate));
        }
        catch (ArgumentException exception)
        {
            return new(sizes, null, 0, exception.ParamName is null ? exception.Message : exception.Message[..exception.Message.LastIndexOf(" (", StringComparison.Ordinal)]);
        }
    }

    /// <summary>The user's figure in place of the estimate, in equal parts.</summary>
    private string? LacksOf(Bytes total, ParallelSizes sizes)
    {
        var share = new Bytes(Parts(total, new Bytes((long)sizes.Tensor * sizes.Pipeline)));
        return share <= Usable ? null : Text($"Each of {sizes.Tensor * sizes.Pipeline} GPUs gets {share} of placement.memory.override, but may use {Usable}.");
    }

    /// <summary>What the engine books beyond its share, its process and buffers, must find room on the GPU too.</summary>
    private string? Overbooked(ServingEstimate estimate)
    {
        for (var rank = 0; rank < estimate.CachePools.Length; rank++)
        {
            var device = estimate.Memory.Devices[rank];
            var booked = device.Weight + Bytes.Max(estimate.CachePools[rank], device.KvCache) + device.Compute + device.Overhead;
            if (booked > Gpu.Visible)
                return Text($"Rank {rank} books {booked} with its cache, buffers and CUDA context, more than the {Gpu.Visible} of the GPU: lower the memory fraction.");
        }

        return null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
