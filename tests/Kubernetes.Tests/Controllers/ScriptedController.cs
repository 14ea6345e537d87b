using System.Collections.Concurrent;
using System.Threading.Channels;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Controllers;

/// <summary>Does what the test tells it, and tells the test what it was asked to do.</summary>
internal sealed class ScriptedController : IEntityController<V1StatefulSet>
{
    private readonly Channel<string> _arrivals = Channel.CreateUnbounded<string>();

    public ConcurrentQueue<string> Calls { get; } = new();

    public Func<V1StatefulSet, ReconciliationResult<V1StatefulSet>> Reconcile { get; set; } = set => ReconciliationResult<V1StatefulSet>.Success(set);

    public Func<V1StatefulSet, Task<ReconciliationResult<V1StatefulSet>>>? ReconcileAsync { get; set; }

    public Func<V1StatefulSet, ReconciliationResult<V1StatefulSet>> Deleted { get; set; } = set => ReconciliationResult<V1StatefulSet>.Success(set);

    public Func<CancellationToken, Task>? WithToken { get; set; }

    public Task<string> NextAsync() => _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    async Task<ReconciliationResult<V1StatefulSet>> IEntityController<V1StatefulSet>.ReconcileAsync(V1StatefulSet entity, CancellationToken cancellationToken)
    {
        Note(EntityKey.Of(entity).ToString());
        if (WithToken is not null) await WithToken(cancellationToken);
        return ReconcileAsync is null ? Reconcile(entity) : await ReconcileAsync(entity);
    }

    Task<ReconciliationResult<V1StatefulSet>> IEntityController<V1StatefulSet>.DeletedAsync(V1StatefulSet entity, CancellationToken cancellationToken)
    {
        Note($"deleted {EntityKey.Of(entity)}");
        return Task.FromResult(Deleted(entity));
    }

    private void Note(string call)
    {
        Calls.Enqueue(call);
        _arrivals.Writer.TryWrite(call);
    }
}
