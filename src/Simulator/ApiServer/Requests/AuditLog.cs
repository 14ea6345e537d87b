using System.Collections.Concurrent;

namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>The last requests, and all that asked for something the simulated cluster does not do.</summary>
public sealed class AuditLog
{
    private const int MaxUnsupported = 10_000;

    private readonly ConcurrentQueue<RequestRecord> _recent = new();
    private readonly ConcurrentQueue<RequestRecord> _unsupported = new();
    private readonly int _capacity;
    private long _total;

    internal AuditLog(int capacity) => _capacity = capacity;

    /// <summary>Requests answered so far.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>The newest requests, oldest first.</summary>
    public IReadOnlyList<RequestRecord> Recent => [.. _recent];

    /// <summary>Requests answered with 406, 415 or 501: what a real cluster might have done, and the simulated one does not. The newest 10,000.</summary>
    public IReadOnlyList<RequestRecord> Unsupported => [.. _unsupported];

    internal void Add(RequestRecord record)
    {
        Interlocked.Increment(ref _total);
        _recent.Enqueue(record);
        while (_recent.Count > _capacity && _recent.TryDequeue(out _))
        {
        }

        if (record.StatusCode is 406 or 415 or 501)
        {
            _unsupported.Enqueue(record);
            while (_unsupported.Count > MaxUnsupported && _unsupported.TryDequeue(out _))
            {
            }
        }
    }
}
