using System.Collections.Concurrent;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Controllers.Engines;

/// <summary>
/// Asks the supervisors of pods that are not Ready how their engines are, and before them those that fetch the model how far they are (<see cref="ReportSchedule"/>), and brings the deployment back when
/// an answer says something new. The engines themselves are never asked.
/// </summary>
internal sealed class EngineReports : IDisposable
{
    /// <summary>Of thousands of pods that start at once, so many are asked in a second.</summary>
    private const int MostAtOnce = 100;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string _template;
    private readonly TimeProvider _time;
    private readonly StatusReader _reader;
    private readonly Lock _gate = new();
    private readonly ReportSchedule _schedule = new();
    private readonly Dictionary<string, V1Pod> _pods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EngineReport> _reports = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _work = new(0, 1);

    /// <param name="template">Where supervisors answer (<see cref="Hosting.OperatorSettings.SupervisorUrl"/>); empty: nobody is asked.</param>
    /// <param name="time">The clock.</param>
    public EngineReports(string template, TimeProvider time)
    {
        _template = template;
        _time = time;
        _reader = new StatusReader(Timeout, time);
    }

    /// <summary>Called when an answer says something new.</summary>
    public Action<DeploymentKey>? Changed { get; set; }

    /// <summary>The last report of a pod; null when there is none.</summary>
    public EngineReport? Of(V1Pod pod) => _reports.GetValueOrDefault(pod.Metadata.Uid ?? "");

    /// <summary>Follows the pods of deployments.</summary>
    public void Follow(InformerEvent<V1Pod> change)
    {
        var pod = change.Object;
        if (_template.Length == 0 || pod.Metadata.Labels?.ContainsKey(GroupLabels.Deployment) is not true || pod.Metadata.Uid is not { } uid)
            return;
        lock (_gate)
        {
            if (change.Type == InformerEventType.Deleted || pod.Metadata.DeletionTimestamp is not null || !Runs(pod))
            {
                _schedule.Gone(uid);
                _pods.Remove(uid);
                _reports.TryRemove(uid, out _);
                return;
            }
            // Who fetched the model was asked ever more rarely; the engine begins anew.
            if (EngineRuns(pod) && _pods.TryGetValue(uid, out var before) && !EngineRuns(before))
                _schedule.Gone(uid);
            _pods[uid] = pod;
            if (!_schedule.Seen(uid, PodObservation.IsReady(pod), _time.GetUtcNow()))
                return;
        }
        Wake();
    }

    /// <summary>Asks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await WaitAsync(cancellationToken);
                V1Pod[] due;
                lock (_gate)
                    due = [.. _schedule.Take(_time.GetUtcNow(), MostAtOnce).Select(uid => _pods[uid])];
                await Task.WhenAll(due.Select(pod => AskAsync(pod, cancellationToken)));
                if (due.Length == MostAtOnce)
                    await Task.Delay(Pause, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _work.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? next;
        lock (_gate)
            next = _schedule.Next;
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Timers know whole milliseconds and would end a shorter wait at once.
        var wait = next is { } at ? TimeSpan.FromMilliseconds(Math.Ceiling((at - _time.GetUtcNow()).TotalMilliseconds)) : System.Threading.Timeout.InfiniteTimeSpan;
        if (next is not null && wait <= TimeSpan.Zero)
            return;
        var work = _work.WaitAsync(hurry.Token);
        var timer = Task.Delay(wait, _time, hurry.Token);
        await Task.WhenAny(work, timer);
        await hurry.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task AskAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        if (Address(pod) is not { } address || (await _reader.AskAsync(address, cancellationToken)).Document is not { } status)
            return;
        var report = EngineReport.Of(status);
        var before = Of(pod) ?? new EngineReport { State = report.State };
        lock (_gate)
        {
            if (!_pods.ContainsKey(pod.Metadata.Uid!))
                return;
            _reports[pod.Metadata.Uid!] = report;
        }
        if (!report.TellsTheSameAs(before) && PlansInForce.Owner(pod) is { } owner)
            Changed?.Invoke(owner);
    }

    private Uri? Address(V1Pod pod)
    {
        var ip = pod.Status?.PodIP ?? "";
        if (ip.Length == 0 && _template.Contains("{ip}", StringComparison.Ordinal))
            return null;
        var text = _template
            .Replace("{ip}", ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip, StringComparison.Ordinal)
            .Replace("{namespace}", pod.Metadata.Namespace, StringComparison.Ordinal)
            .Replace("{name}", pod.Metadata.Name, StringComparison.Ordinal);
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null;
    }

    private void Wake()
    {
        try
        {
            _work.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or ended.
        }
    }

    private static bool EngineRuns(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.Exists(container => container.Name == EngineContainer.Name && container.State?.Running is not null) is true;

    /// <summary>Whether somebody answers in the pod: its engine's supervisor, or before it whoever fetches the model.</summary>
    private static bool Runs(V1Pod pod) =>
        EngineRuns(pod)
        || pod.Status?.InitContainerStatuses?.Exists(container => container.Name == ModelFetch.ContainerName && container.State?.Running is not null) is true;
}
