using System.Collections.Concurrent;
using System.Threading.Channels;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Finds out why pods do not come to be. The StatefulSet controller says so in events alone; they are read, by name, for StatefulSets whose
/// pods are missing for a while, and not at all otherwise: who has its pods costs nothing.
/// </summary>
[EntityRbac(typeof(EventsV1Event), Verbs = RbacVerb.List)]
internal sealed class PodCreations(
    IKubernetesClient client, Func<DeploymentKey, IEnumerable<V1StatefulSet>> sets, Func<DeploymentKey, IEnumerable<V1Pod>> pods, TimeProvider time)
{
    /// <summary>Pods that are not there after so long may have been refused.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SoonLookedAt = TimeSpan.FromMinutes(1);

    /// <summary>The StatefulSet controller tries again after 1000 s at the latest; an older event is of another time.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(20);

    private const int MostQuestions = 50;
    private const int MostEvents = 50;

    private readonly ConcurrentDictionary<DeploymentKey, Watched> _watched = new();
    private readonly ConcurrentDictionary<DeploymentKey, CreationRefusal> _refusals = new();
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Called when a deployment's refusal is new, another one or gone.</summary>
    public Action<DeploymentKey>? Changed { get; set; }

    /// <summary>Why pods of a deployment are missing; null when that is not known, or none are.</summary>
    public CreationRefusal? Of(DeploymentKey key) => _refusals.GetValueOrDefault(key);

    /// <summary>Pods of a deployment are missing: it is looked at until they are there.</summary>
    public void Watch(DeploymentKey key)
    {
        var now = time.GetUtcNow();
        if (_watched.TryAdd(key, new Watched(now, now + Pause)))
            _work.Writer.TryWrite(true);
    }

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _work.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_work.Reader.TryRead(out _))
                {
                    // All of them are one.
                }
                while (!_watched.IsEmpty)
                {
                    await Task.Delay(Pause, time, cancellationToken);
                    await LookAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>Looks at those whose time has come.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var questions = 0;
        // Those that have waited longest first: else who is asked about again and again would use up all questions.
        foreach (var (key, watched) in _watched.OrderBy(entry => entry.Value.Next))
        {
            var missing = Missing(key).ToList();
            if (missing.Count == 0)
            {
                _watched.TryRemove(key, out _);
                Put(key, null);
                // Whoever asked in between was told that it is watched.
                if (Missing(key).Any())
                    Watch(key);
                continue;
            }
            if (now < watched.Next || questions >= MostQuestions)
                continue;
            questions += missing.Count;
            _watched[key] = watched with { Next = now + (now - watched.Since < SoonLookedAt ? Pause : LongPause) };
            try
            {
                var found = await Task.WhenAll(missing.Select(set => NewestAsync(key, set, now, cancellationToken)));
                Put(key, found.FirstOrDefault(note => note is not null) is { } first ? CreationRefusal.OfPod(first) : null);
            }
            catch (Exception exception) when (exception is KubernetesException or HttpRequestException or IOException or TimeoutException)
            {
                // What was known stays; it is asked again.
            }
        }
    }

    private IEnumerable<V1StatefulSet> Missing(DeploymentKey key)
    {
        var owned = pods(key)
            .SelectMany(pod => pod.Metadata.OwnerReferences ?? [])
            .Where(owner => owner.Kind == "StatefulSet")
            .GroupBy(owner => owner.Uid ?? "", StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return sets(key).Where(set => set.Metadata.DeletionTimestamp is null && owned.GetValueOrDefault(set.Metadata.Uid ?? "") < (set.Spec?.Replicas ?? 1));
    }

    private async Task<string?> NewestAsync(DeploymentKey key, V1StatefulSet set, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var options = new ListOptions
        {
            FieldSelector = $"regarding.kind=StatefulSet,regarding.name={set.Metadata.Name},reason=FailedCreate,type=Warning",
            Limit = MostEvents,
        };
        var events = await client.ListAsync<EventsV1Event>(key.Namespace, options, cancellationToken);
        return events.Items
            .Where(one => one.Regarding?.Uid is null or "" || one.Regarding.Uid == set.Metadata.Uid)
            .Select(one => (one.Note, At: one.Series?.LastObservedTime ?? one.DeprecatedLastTimestamp ?? one.EventTime ?? one.Metadata.CreationTimestamp))
            .Where(one => one.At >= now - Freshness && !string.IsNullOrWhiteSpace(one.Note))
            .OrderByDescending(one => one.At)
            .Select(one => one.Note)
            .FirstOrDefault();
    }

    private void Put(DeploymentKey key, CreationRefusal? refusal)
    {
        var before = Of(key);
        if (before == refusal)
            return;
        if (refusal is null)
            _refusals.TryRemove(key, out _);
        else
            _refusals[key] = refusal;
        Changed?.Invoke(key);
    }

    /// <summary>Since when pods are missing, and when to look next.</summary>
    private sealed record Watched(DateTimeOffset Since, DateTimeOffset Next);
}
