using System.Text.Json.Nodes;
using GpuStack.Operator.Objects;
using GpuStack.Simulator.Storage;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>Notes when the store of a simulated cluster took deployments and their children.</summary>
internal sealed class CreationRecorder(ClusterStore store, Action<DeploymentRecord> settled)
{
    private static readonly ResourceKey s_deployments = new("inference.gpustack.io", "modeldeployments");

    private static readonly ResourceKey[] s_children =
    [
        BuiltInResources.ConfigMaps, BuiltInResources.Services, BuiltInResources.NetworkPolicies, BuiltInResources.PodDisruptionBudgets,
        BuiltInResources.StatefulSets,
    ];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeploymentRecord> _records = new(StringComparer.Ordinal);

    public IReadOnlyList<DeploymentRecord> Records
    {
        get
        {
            lock (_gate)
            {
                return [.. _records.Values];
            }
        }
    }

    /// <summary>Follows what comes from now on, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(s_children.Select(key => FollowAsync(key, Child, cancellationToken)).Append(FollowAsync(s_deployments, Deployment, cancellationToken)));

    private async Task FollowAsync(ResourceKey key, Action<StoreEvent> note, CancellationToken cancellationToken)
    {
        using StoreWatch watch = store.Watch(key);
        try
        {
            await foreach (StoreEvent change in watch.Events.ReadAllAsync(cancellationToken))
            {
                note(change);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private void Child(StoreEvent change)
    {
        if (change.Type != StoreEventType.Added || !change.Object.Labels.TryGetValue(GroupLabels.Deployment, out string? name))
        {
            return;
        }

        long now = DeploymentRecord.Now;
        lock (_gate)
        {
            // The watch of children may be ahead of that of deployments.
            DeploymentRecord record = _records.GetValueOrDefault(name) ?? new DeploymentRecord(name, 0);
            _records[name] = record with { LastChild = now, Children = record.Children + 1 };
        }
    }

    private void Deployment(StoreEvent change)
    {
        long now = DeploymentRecord.Now;
        DeploymentRecord record;
        lock (_gate)
        {
            record = _records.GetValueOrDefault(change.Object.Name) ?? new DeploymentRecord(change.Object.Name, 0);
            if (change.Type == StoreEventType.Added)
            {
                record = record with { Created = now };
                _records[record.Name] = record;
                return;
            }

            if (record.Settled > 0 || Ready(change.Object) is not { } ready)
            {
                return;
            }

            bool waits = ready["reason"].AsText() == "InsufficientCapacity";
            if (!waits && ready["status"].AsText() != "True")
            {
                return;
            }

            record = record with { Settled = now, Waits = waits };
            _records[record.Name] = record;
        }

        settled(record);
    }

    private static JsonObject? Ready(StoredObject deployment) =>
        (deployment.Body["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => condition["type"].AsText() == "Ready");
}
