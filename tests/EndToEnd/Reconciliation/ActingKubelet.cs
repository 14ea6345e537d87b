using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>
/// Acts for the nodes that a test made in a given cluster, where nothing runs on them: it posts their heartbeats, makes the pods bound to
/// them Ready, and confirms their end. It needs nothing but the API.
/// </summary>
internal sealed class ActingKubelet : IAsyncDisposable
{
    private const string LeaseNamespace = "kube-node-lease";

    /// <summary>A real cluster gives a silent node up after 40 s.</summary>
    private static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(10);

    private readonly IKubernetesClient _client;
    private readonly string _namespace;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<string> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _down = new(StringComparer.Ordinal);
    private readonly Task _heartbeats;
    private readonly Task _pods;

    public ActingKubelet(IKubernetesClient client, string namespaceName)
    {
        _client = client;
        _namespace = namespaceName;
        _heartbeats = HeartbeatsAsync(_stop.Token);
        _pods = PodsAsync(_stop.Token);
    }

    /// <summary>Takes over a node: it is Ready from now on.</summary>
    public async Task AdoptAsync(string node, CancellationToken cancellationToken)
    {
        lock (_gate)
            _nodes.Add(node);
        await PostAsync(node, ready: true, cancellationToken);
    }

    /// <summary>The node reports that it is not Ready, and its pods are left alone.</summary>
    public async Task TakeDownAsync(string node, CancellationToken cancellationToken)
    {
        lock (_gate)
            _down.Add(node);
        await PostAsync(node, ready: false, cancellationToken);
    }

    public async Task BringUpAsync(string node, CancellationToken cancellationToken)
    {
        lock (_gate)
            _down.Remove(node);
        await PostAsync(node, ready: true, cancellationToken);
        foreach (var pod in (await _client.ListAsync<V1Pod>(_namespace, cancellationToken: cancellationToken)).Items)
            await ActAsync(pod, cancellationToken);
    }

    /// <summary>The pod's containers crash, and are started again.</summary>
    public async Task FailPodAsync(string name, CancellationToken cancellationToken)
    {
        var pod = await _client.GetAsync<V1Pod>(name, _namespace, cancellationToken);
        // The change itself brings the pod back to ActAsync.
        await WriteAsync(pod!, ready: false, restarts: Restarts(pod!) + 1, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_heartbeats, _pods).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task HeartbeatsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(HeartbeatPeriod, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            string[] up;
            lock (_gate)
                up = [.. _nodes.Except(_down)];
            foreach (var node in up)
                await PostAsync(node, ready: true, cancellationToken);
        }
    }

    /// <summary>Writes the node's Ready condition, and its lease while it is up.</summary>
    private async Task PostAsync(string name, bool ready, CancellationToken cancellationToken)
    {
        await RetryAsync(
            async () =>
            {
                if (await _client.GetAsync<V1Node>(name, null, cancellationToken) is not { Status: { } status } node)
                    return;
                var now = TimeProvider.System.GetUtcNow();
                var condition = status.Conditions?.Find(known => known.Type == "Ready") ?? new V1NodeCondition { Type = "Ready" };
                var wanted = ready ? "True" : "False";
                if (condition.Status != wanted)
                    condition.LastTransitionTime = now;
                (condition.Status, condition.LastHeartbeatTime, condition.Reason, condition.Message) =
                    (wanted, now, ready ? "KubeletReady" : "KubeletNotReady", ready ? "kubelet is posting ready status" : "the test took this node down");
                status.Conditions = [.. (status.Conditions ?? []).Where(known => known.Type != "Ready"), condition];
                await _client.ReplaceStatusAsync(node, cancellationToken);
            });
        if (!ready || await _client.GetAsync<V1Namespace>(LeaseNamespace, null, cancellationToken) is null)
            return;
        var lease = new V1Lease
        {
            ApiVersion = "coordination.k8s.io/v1",
            Kind = "Lease",
            Metadata = new V1ObjectMeta { Name = name, Namespace = LeaseNamespace },
            Spec = new V1LeaseSpec { HolderIdentity = name, LeaseDurationSeconds = 40, RenewTime = TimeProvider.System.GetUtcNow() },
        };
        await _client.ApplyAsync(lease, new ApplyOptions("test", force: true), cancellationToken);
    }

    private async Task PodsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Without a version a watch begins with every pod there is.
            await foreach (var change in _client.WatchAsync<V1Pod>(_namespace, new WatchOptions(), cancellationToken))
            {
                if (change.Type is WatchEventType.Added or WatchEventType.Modified)
                    await ActAsync(change.Object, cancellationToken);
            }
        }
    }

    private async Task ActAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (pod.Spec?.NodeName is not { } node || !_nodes.Contains(node) || _down.Contains(node))
                return;
        }
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            var now = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new DeletePreconditions { Uid = pod.Metadata.Uid } };
            await RetryAsync(() => _client.DeleteAsync<V1Pod>(pod.Metadata.Name!, _namespace, now, cancellationToken));
        }
        else if (pod.Status?.Conditions?.Exists(condition => condition is { Type: "Ready", Status: "True" }) is not true)
        {
            await RetryAsync(async () =>
            {
                if (await _client.GetAsync<V1Pod>(pod.Metadata.Name!, _namespace, cancellationToken) is { } current && current.Metadata.Uid == pod.Metadata.Uid)
                    await WriteAsync(current, ready: true, Restarts(current), cancellationToken);
            });
        }
    }

    private Task<V1Pod> WriteAsync(V1Pod pod, bool ready, int restarts, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        pod.Status ??= new V1PodStatus();
        pod.Status.Phase = "Running";
        pod.Status.StartTime ??= now;
        var status = ready ? "True" : "False";
        string[] types = ["Initialized", "ContainersReady", "Ready"];
        pod.Status.Conditions =
        [
            .. (pod.Status.Conditions ?? []).Where(condition => !types.Contains(condition.Type)),
            .. types.Select(type => new V1PodCondition { Type = type, Status = type == "Initialized" ? "True" : status, LastTransitionTime = now }),
        ];
        pod.Status.ContainerStatuses =
        [
            .. (pod.Spec?.Containers ?? []).Select(container => new V1ContainerStatus
            {
                Name = container.Name,
                Image = container.Image,
                ImageID = "",
                Ready = ready,
                Started = ready,
                RestartCount = restarts,
                State = ready
                    ? new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = now } }
                    : new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "CrashLoopBackOff", Message = "the test made it crash" } },
            }),
        ];
        return _client.ReplaceStatusAsync(pod, cancellationToken);
    }

    private static int Restarts(V1Pod pod) => pod.Status?.ContainerStatuses?.FirstOrDefault()?.RestartCount ?? 0;

    /// <summary>Others write the same objects: a conflict is tried again with what is there then.</summary>
    private static async Task RetryAsync(Func<Task> write)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await write();
                return;
            }
            catch (KubernetesException conflict) when (conflict.IsNotFound || (conflict.IsConflict && attempt < 20))
            {
                if (conflict.IsNotFound)
                    return;
            }
        }
    }
}
