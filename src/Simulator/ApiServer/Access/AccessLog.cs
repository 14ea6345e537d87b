using System.Collections.Concurrent;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>Which rules allowed something so far, and what was refused.</summary>
public sealed class AccessLog
{
    private const int MaxRefusals = 10_000;

    private readonly ConcurrentDictionary<AccessGrant, bool> _grants = new();
    private readonly ConcurrentQueue<AccessRefusal> _refusals = new();

    internal AccessLog()
    {
    }

    /// <summary>Every rule with every verb and resource that it allowed, once.</summary>
    public IReadOnlyCollection<AccessGrant> Grants => [.. _grants.Keys];

    /// <summary>The newest 10,000 requests that were answered with 403 for want of a rule.</summary>
    public IReadOnlyList<AccessRefusal> Refusals => [.. _refusals];

    internal void Add(AccessGrant grant) => _grants.TryAdd(grant, true);

    internal void Add(AccessRefusal refusal)
    {
        _refusals.Enqueue(refusal);
        while (_refusals.Count > MaxRefusals && _refusals.TryDequeue(out _))
        {
        }
    }
}
