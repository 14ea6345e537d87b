namespace GpuStack.Operator.Supervision.Output;

/// <summary>Holds what the engine's lines told: written by the streams' pumps and the supervisor, read by the status server.</summary>
/// <param name="secret">The engine's API key, which is never shown; null when there is none.</param>
/// <param name="time">The clock.</param>
internal sealed class OutputWatch(string? secret, TimeProvider time)
{
    private readonly Lock _gate = new();
    private OutputRecord _record = OutputRecord.Started(time.GetUtcNow());
    private NcclLine? _failure;
    private bool _running;

    public void Start()
    {
        lock (_gate)
        {
            _record = OutputRecord.Started(time.GetUtcNow());
            _running = true;
        }
    }

    public void Observe(string line)
    {
        var now = time.GetUtcNow();
        lock (_gate)
            _record = _record.Observe(now, line, secret);
    }

    /// <param name="failed">False when it was asked to stop: what it says then is no failure.</param>
    public void End(bool failed)
    {
        lock (_gate)
        {
            _running = false;
            _failure = failed ? _record.LastFailure() : null;
        }
    }

    /// <summary>The engine that runs serves: the one before failed, and that is over.</summary>
    public void Serves()
    {
        lock (_gate)
            _failure = null;
    }

    /// <summary>The buffers of the engine that runs, or ran last; null when it says nothing of them.</summary>
    public EngineBuffers? Buffers
    {
        get
        {
            lock (_gate)
                return _record.Buffers;
        }
    }

    /// <param name="ready">The engine is ready.</param>
    public NcclFacts Read(bool ready)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            TimeSpan? silence = _running && !ready && _record.WeightsLoaded ? now - _record.LastWord : null;
            return new NcclFacts(_record.WeightsLoaded, _failure?.Text, _failure?.Time, silence);
        }
    }
}
