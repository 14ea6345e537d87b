using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>
/// Lets one of several processes lead, by a coordination.k8s.io Lease.
/// </summary>
/// <remarks>
/// A candidate never compares the record's times with its own clock. It remembers when it saw the record change last,
/// and takes the lease over when that is longer ago than the record's duration. Writes carry the resourceVersion: of two
/// candidates that find the lease expired one gets a Conflict. A leader that cannot renew within the deadline (shorter
/// than the duration) stops leading before anyone else can have begun.
/// </remarks>
public sealed class LeaseElector
{
    private readonly IKubernetesClient _client;
    private readonly LeaseElectorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private V1Lease? _observed;
    private long _observedAt;
    private string? _announced;

    /// <summary>An elector that has not tried yet.</summary>
    /// <exception cref="ArgumentException">The times do not fit together.</exception>
    public LeaseElector(IKubernetesClient client, LeaseElectorOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        options.Validate();
        _client = client;
        _options = options;
        _time = timeProvider;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.LeaderElection");
    }

    /// <summary>Whether we lead now.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>
    /// Waits for the lease, then runs <paramref name="lead"/> while renewing it. Returns when <paramref name="lead"/>
    /// ends or the token is cancelled, after <paramref name="lead"/> has ended and the lease is released.
    /// </summary>
    /// <exception cref="LeadershipLostException">The lease was lost; <paramref name="lead"/> was cancelled and has ended.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        await AcquireAsync(cancellationToken).ConfigureAwait(false);
        IsLeader = true;
        Log.LeaseAcquired(_logger, _options.Identity, _options.Name);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewAsync(stop.Token);
        var leading = LeadAsync(lead, stop.Token);
        await Task.WhenAny(renewing, leading).ConfigureAwait(false);
        var lost = renewing.IsCompletedSuccessfully;
        await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await leading.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IsLeader = false;
            if (!lost) await ReleaseAsync().ConfigureAwait(false);
        }

        if (!lost) return;
        Log.LeaseLost(_logger, _options.Identity, _options.Name);
        throw new LeadershipLostException($"{_options.Identity} could not renew the lease {_options.Namespace}/{_options.Name} within {_options.RenewDeadline.TotalSeconds} s.");
    }

    // What throws before its first await must not keep the lease either.
    private static async Task LeadAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken) =>
        await lead(cancellationToken).ConfigureAwait(false);

    private static bool SameRecord(V1LeaseSpec? left, V1LeaseSpec? right) =>
        left?.HolderIdentity == right?.HolderIdentity
        && left?.RenewTime == right?.RenewTime
        && left?.AcquireTime == right?.AcquireTime
        && left?.LeaseTransitions == right?.LeaseTransitions
        && left?.LeaseDurationSeconds == right?.LeaseDurationSeconds;

    private async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryHoldAsync(cancellationToken).ConfigureAwait(false))
        {
            var jitter = RandomFraction();
            await Task.Delay(_options.RetryPeriod * (1 + 1.2 * jitter), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static double RandomFraction()
    {
        // Spreads candidates out; nothing depends on its quality.
#pragma warning disable CA5394
        return Random.Shared.NextDouble();
#pragma warning restore CA5394
    }

    /// <summary>Completes when the lease is lost; throws when cancelled.</summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var renewed = _time.GetTimestamp();
        while (true)
        {
            var left = _options.RenewDeadline - _time.GetElapsedTime(renewed);
            if (left <= TimeSpan.Zero) return;
            await Task.Delay(left < _options.RetryPeriod ? left : _options.RetryPeriod, _time, cancellationToken).ConfigureAwait(false);
            left = _options.RenewDeadline - _time.GetElapsedTime(renewed);
            if (left <= TimeSpan.Zero) return;
            using var deadline = new CancellationTokenSource(left, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            var began = _time.GetTimestamp();
            try
            {
                if (await TryHoldAsync(either.Token).ConfigureAwait(false)) renewed = began;
                else if (_observed?.Spec?.HolderIdentity is { Length: > 0 } holder && holder != _options.Identity) return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Takes or renews the lease; false when somebody else holds it or the server cannot say.</summary>
    private async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            var current = await _client.GetAsync<V1Lease>(_options.Name, _options.Namespace, cancellationToken).ConfigureAwait(false);
            if (current is null)
            {
                Observe(await _client.CreateAsync(Fresh(), cancellationToken).ConfigureAwait(false));
                return true;
            }

            if (_observed is null || !SameRecord(_observed.Spec, current.Spec)) Observe(current);
            var holder = current.Spec?.HolderIdentity;
            var duration = TimeSpan.FromSeconds(current.Spec?.LeaseDurationSeconds ?? 0);
            if (!string.IsNullOrEmpty(holder) && holder != _options.Identity && _time.GetElapsedTime(_observedAt) < duration)
            {
                if (_announced != holder) Log.LeaseHeldByOther(_logger, holder, _options.Name);
                _announced = holder;
                return false;
            }

            Observe(await _client.ReplaceAsync(Renewed(current), cancellationToken).ConfigureAwait(false));
            return true;
        }
        catch (KubernetesException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            return false;
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException or IOException)
        {
            Log.LeaseFailed(_logger, _options.Name, e.Message);
            return false;
        }
    }

    private void Observe(V1Lease lease)
    {
        _observed = lease;
        _observedAt = _time.GetTimestamp();
    }

    private V1Lease Fresh() => new()
    {
        Metadata = new V1ObjectMeta { Name = _options.Name, Namespace = _options.Namespace },
        Spec = new V1LeaseSpec
        {
            HolderIdentity = _options.Identity,
            LeaseDurationSeconds = (int)Math.Ceiling(_options.LeaseDuration.TotalSeconds),
            AcquireTime = _time.GetUtcNow(),
            RenewTime = _time.GetUtcNow(),
            LeaseTransitions = 0,
        },
    };

    private V1Lease Renewed(V1Lease current)
    {
        var lease = Fresh();
        lease.Metadata = current.Metadata;
        lease.Metadata.ManagedFields = null;
        var isOurs = current.Spec?.HolderIdentity == _options.Identity;
        if (isOurs) lease.Spec!.AcquireTime = current.Spec!.AcquireTime;
        lease.Spec!.LeaseTransitions = (current.Spec?.LeaseTransitions ?? 0) + (isOurs ? 0 : 1);
        return lease;
    }

    // Lets the next one in at once; whoever cannot release is simply waited out.
    private async Task ReleaseAsync()
    {
        if (_observed is not { Spec.HolderIdentity: { } holder } lease || holder != _options.Identity) return;
        using var deadline = new CancellationTokenSource(_options.RetryPeriod, _time);
        try
        {
            var released = Renewed(lease);
            released.Spec!.HolderIdentity = "";
            released.Spec.LeaseDurationSeconds = 1;
            await _client.ReplaceAsync(released, deadline.Token).ConfigureAwait(false);
            _observed = null;
            Log.LeaseReleased(_logger, _options.Identity, _options.Name);
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException or IOException or OperationCanceledException)
        {
            Log.LeaseFailed(_logger, _options.Name, e.Message);
        }
    }
}
