namespace GpuStack.Faults.Plans;

/// <summary>Draws faults at given odds until it is calmed; the same draws for the same seed and order of requests.</summary>
public sealed class RandomFaultPlan : IFaultPlan
{
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly RandomFaultOptions _options;
    private bool _isCalm;

    /// <summary>A plan that is not calm.</summary>
    public RandomFaultPlan(RandomFaultOptions options)
    {
        _options = options;
#pragma warning disable CA5394 // A test's dice.
        _random = new Random(options.Seed);
#pragma warning restore CA5394
    }

    /// <summary>Nothing goes wrong any more.</summary>
    public void Calm()
    {
        lock (_lock) _isCalm = true;
    }

    /// <inheritdoc/>
    public Fault? ForWatch()
    {
        lock (_lock)
        {
            if (_isCalm) return null;
            if (Draw() < _options.RefusedWatches) return new Fault(Pick(Fault.OfAnswers));
            if (Draw() >= _options.BrokenWatches) return null;
            // Exponential: short-lived watches are the common ones, and some live long.
            var after = -Math.Log(1 - Draw()) * _options.MeanEventsBefore;
            return new Fault(Pick(Fault.OfOpenWatches), (int)Math.Min(after, int.MaxValue));
        }
    }

    /// <inheritdoc/>
    public Fault? ForList()
    {
        lock (_lock)
        {
            if (_isCalm || Draw() >= _options.FailedLists) return null;
            return new Fault(Draw() < 0.5 ? Pick(Fault.OfAnswers) : Pick(Fault.OfListBodies));
        }
    }

#pragma warning disable CA5394
    private double Draw() => _random.NextDouble();

    private FaultKind Pick(IReadOnlyList<FaultKind> kinds) => kinds[_random.Next(kinds.Count)];
#pragma warning restore CA5394
}
