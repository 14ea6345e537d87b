using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GpuStack.Modeling.Serving;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>
/// What a launch takes on GPUs of any kind. Estimates depend on neither nodes nor fleet, so they are kept as long as the model's
/// facts are. Thread safe.
/// </summary>
internal sealed class ServingFits
{
    /// <summary>Launches of one model that are remembered: suggestions try many, and few come back.</summary>
    private const int MostLaunches = 64;

    /// <summary>Kinds of GPUs that are remembered for one launch; labels that change would else grow the memory without end.</summary>
    private const int MostKinds = 256;

    private static readonly ConditionalWeakTable<ServedModel, ConcurrentDictionary<ServingQuestion, ServingFits>> s_known = [];

    private readonly ConcurrentDictionary<GpuKind, KindFits> _kinds = [];
    private readonly ServingQuestion _question;

    private ServingFits(ServingQuestion question)
    {
        _question = question;
        Served = EngineEstimate.Served(question.Launch);
        Speed = ServingSpeedModel.Of(Served);
    }

    /// <summary>The model.</summary>
    public ServedModel Served { get; }

    /// <summary>The model's speed.</summary>
    public ServingSpeedModel Speed { get; }

    /// <summary>The fits of a request's launch.</summary>
    public static ServingFits Of(PlacementRequest request)
    {
        var question = new ServingQuestion(request.Launch, request.MemoryUtilization, request.MemoryOverride);
        var launches = s_known.GetValue(EngineEstimate.Served(request.Launch), static _ => new());
        if (launches.TryGetValue(question, out var known))
            return known;
        if (launches.Count >= MostLaunches)
            launches.Clear();
        return launches.GetOrAdd(question, static asked => new(asked));
    }

    /// <summary>The fits on GPUs of one kind.</summary>
    public KindFits On(in GpuKind gpu)
    {
        if (_kinds.TryGetValue(gpu, out var known))
            return known;
        if (_kinds.Count >= MostKinds)
            _kinds.Clear();
        return _kinds.GetOrAdd(gpu, static (kind, question) => new(question, kind), _question);
    }
}
