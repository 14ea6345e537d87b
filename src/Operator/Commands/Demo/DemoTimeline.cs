using System.Threading.Channels;
using GpuStack.Operator.Objects;
using GpuStack.Simulator.Storage;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>
/// Watches the cluster from inside: notes what is created for deployments and when, and signals every change of what an
/// outcome depends on, so that nobody has to poll.
/// </summary>
internal sealed class DemoTimeline : IAsyncDisposable
{
    private static readonly ResourceKey Deployments = new("inference.gpustack.io", "modeldeployments");

    private static readonly ResourceKey[] Children =
    [
        BuiltInResources.ConfigMaps, BuiltInResources.Services, BuiltInResources.StatefulSets, BuiltInResources.Pods,
        BuiltInResources.NetworkPolicies, BuiltInResources.PodDisruptionBudgets, BuiltInResources.PersistentVolumeClaims,
    ];

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly List<(string Uid, CreatedObject Object)> _created = [];
    private readonly List<StoreWatch> _watches = [];
    private readonly List<Task> _readers = [];
    private readonly ClusterStore _store;
    private readonly TimeProvider _time;
    private readonly Action<CreatedObject> _announce;
    private long _start;

    public DemoTimeline(ClusterStore store, TimeProvider time, Action<CreatedObject> announce)
    {
        _store = store;
        _time = time;
        _announce = announce;
        _start = time.GetTimestamp();
    }

    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    public IReadOnlyList<CreatedObject> Created
    {
        get
        {
            lock (_gate)
                return [.. _created.Select(c => c.Object)];
        }
    }

    /// <summary>Watches, and counts times, from now on; the CRD is installed.</summary>
    public void Start()
    {
        _start = _time.GetTimestamp();
        foreach (var resource in Children.Append(BuiltInResources.Nodes).Append(Deployments))
        {
            var watch = _store.Watch(resource);
            _watches.Add(watch);
            _readers.Add(ReadAsync(watch));
        }
    }

    /// <summary>Waits for the next change, or one since the last wait.</summary>
    public ValueTask<bool> ChangedAsync(CancellationToken cancellationToken) => _changes.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _watches.ForEach(w => w.Dispose());
        await Task.WhenAll(_readers);
    }

    private async Task ReadAsync(StoreWatch watch)
    {
        await foreach (var change in watch.Events.ReadAllAsync())
        {
            if (change.Type == StoreEventType.Added && change.Object.Labels.ContainsKey(GroupLabels.Deployment))
                Note(change.Object);
            _changes.Writer.TryWrite(true);
        }
    }

    private void Note(StoredObject stored)
    {
        var created = new CreatedObject(stored.Definition.Kind, stored.Name, Elapsed);
        lock (_gate)
        {
            _created.Add((stored.Uid, created));
            _announce(created);
        }
    }
}
