using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Controllers.Children;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace Peers;

/// <summary>Keeps, for each StatefulSet, a ConfigMap with the host names of its pods.</summary>
public sealed class PeersController(IKubernetesClient client, IEntityCache<V1ConfigMap> configMaps, IEventRecorder events)
    : IEntityController<V1StatefulSet>, IEntityFinalizer<V1StatefulSet>
{
    /// <summary>The name of our finalizer.</summary>
    public string Identifier => "example.com/peers";

    /// <summary>Makes the ConfigMap what it should be.</summary>
    public async Task<ReconciliationResult<V1StatefulSet>> ReconcileAsync(V1StatefulSet entity, CancellationToken cancellationToken)
    {
        if (entity.Spec?.ServiceName is not { Length: > 0 } service)
            return ReconciliationResult<V1StatefulSet>.Terminal(entity, "spec.serviceName is empty: its pods have no host names. Set it.");

        // What should be there follows from the object alone, and so does its name.
        var hosts = string.Join('\n', Enumerable.Range(0, entity.Spec.Replicas ?? 1).Select(i => $"{entity.Metadata.Name}-{i}.{service}"));
        var peers = new V1ConfigMap
        {
            Metadata = { Name = ChildName.Of(entity.Metadata.Name!, "peers"), Namespace = entity.Metadata.Namespace },
            Data = new() { ["hosts"] = hosts },
        };
        OwnerReferences.SetController(peers, entity);

        // Read from the cache, write only what differs.
        if (configMaps.Get(EntityKey.Of(peers))?.Data?.GetValueOrDefault("hosts") != hosts)
        {
            await client.ApplyAsync(peers, new ApplyOptions("peers"), cancellationToken);
            events.Record(entity, EventType.Normal, "PeersWritten", "Apply", $"Wrote {peers.Metadata.Name}.");
        }

        // Look again in a while, even when nothing changes.
        return ReconciliationResult<V1StatefulSet>.Success(entity, TimeSpan.FromMinutes(10));
    }

    /// <summary>Runs before a StatefulSet goes: the place for what the garbage collector cannot clean up.</summary>
    public Task<ReconciliationResult<V1StatefulSet>> FinalizeAsync(V1StatefulSet entity, CancellationToken cancellationToken)
    {
        events.Record(entity, EventType.Normal, "PeersReleased", "Finalize", "Its host names are no longer known.");
        return Task.FromResult(ReconciliationResult<V1StatefulSet>.Success(entity));
    }
}
