using System.Collections.Concurrent;

namespace GpuStack.Faults.Plans;

/// <summary>The faults that were put in, each once, in order; then none.</summary>
public sealed class ScriptedFaultPlan : IFaultPlan
{
    private readonly ConcurrentQueue<Fault> _watches = new();
    private readonly ConcurrentQueue<Fault> _lists = new();

    /// <summary>For the next watch that is opened.</summary>
    public void NextWatch(Fault fault) => _watches.Enqueue(fault);

    /// <summary>For the next list.</summary>
    public void NextList(Fault fault) => _lists.Enqueue(fault);

    /// <inheritdoc/>
    public Fault? ForWatch() => _watches.TryDequeue(out var fault) ? fault : null;

    /// <inheritdoc/>
    public Fault? ForList() => _lists.TryDequeue(out var fault) ? fault : null;
}
