using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Timing;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>
/// Lets one of several processes lead, by a coordination.k8s.io Lease.
/// </summary>
/// <remarks>
/// A candidate never compares the record's times with its own clock. It remembers when it saw the record change last,
/// and takes the lease over when that is longer ago than the record's duration. Writes carry the resourceVersion: of two
/// candidates that find the lease expired one gets a Conflict. A leader counts its renewals from when it began to ask for
/// them, and stops leading when the last one is older than the renew deadline (shorter than the duration): before anyone
/// else can have begun. While its work ends, for whatever reason, it goes on renewing; only then is the lease released.
/// </remarks>
public sealed class LeaseElector
{
    private const int ReleaseTries = 5;

    /// <summary>The longest name that an object can have.</summary>
    private const int LongestHolder = 253;

    /// <summary>How long after its end a lease that we lead by may be before <see cref="Check"/> fails.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(20);

    private readonly IKubernetesClient _client;
    private readonly LeaseElectorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ObservedLease _seen;
    private readonly Func<double> _random;
    private string? _announced;
    private long _renewedAt;
    private bool _working;

    /// <summary>An elector that has not tried yet.</summary>
    /// <exception cref="ArgumentException">The times do not fit together.</exception>
    public LeaseElector(IKubernetesClient client, LeaseElectorOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(client, options, timeProvider, loggerFactory, Jitter.Fraction)
    {
    }

    internal LeaseElector(IKubernetesClient client, LeaseElectorOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory, Func<double> random)
    {
        options.Validate();
        _client = client;
        _options = options;
        _time = timeProvider;
        _random = random;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.LeaderElection");
        _seen = new ObservedLease(options.Identity, options.LeaseDuration, timeProvider);
        ElectionMetrics.Set(options.Name, leads: false);
    }

    /// <summary>Whether we lead now.</summary>
    public bool IsLeader { get; private set; }

    // One hanging request must leave time for another one.
    private TimeSpan TryLimit => _options.RenewDeadline / 2;

    /// <summary>
    /// For a liveness check: what is wrong when work goes on although the lease ended long (20 s) ago, so that only the
    /// end of the process helps; null when all is well.
    /// </summary>
    public string? Check()
    {
        if (!Volatile.Read(ref _working)) return null;
        var age = _time.GetElapsedTime(Volatile.Read(ref _renewedAt));
        return age <= _options.LeaseDuration + Tolerance
            ? null
            : $"the lease {_options.Namespace}/{_options.Name} was renewed {(long)age.TotalSeconds} s ago, and its work still runs";
    }

    /// <summary>
    /// Waits for the lease, then runs <paramref name="lead"/> while renewing it. Returns when <paramref name="lead"/>
    /// has ended, by itself or because the token was cancelled, and the lease is released.
    /// </summary>
    /// <exception cref="LeadershipLostException">
    /// The lease was lost. <paramref name="lead"/> was cancelled and had the time to end until somebody else may lead; the process should end.
    /// </exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        await AcquireAsync(cancellationToken).ConfigureAwait(false);
        SetLeader(true);
        Volatile.Write(ref _working, true);
        Log.LeaseAcquired(_logger, _options.Identity, _options.Name);
        using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var renewal = new CancellationTokenSource();
        var renewing = RenewAsync(renewal.Token);
        var leading = LeadAsync(lead, work.Token);
        await Task.WhenAny(renewing, leading).ConfigureAwait(false);
        if (renewing.IsCompletedSuccessfully)
        {
            SetLeader(false);
            Log.LeaseLost(_logger, _options.Identity, _options.Name);
            await work.CancelAsync().ConfigureAwait(false);
            await leading.WaitAsync(_options.LeaseDuration - _options.RenewDeadline, _time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw Lost(leading);
        }

        try
        {
            await leading.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested)
        {
        }
        finally
        {
            await renewal.CancelAsync().ConfigureAwait(false);
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            SetLeader(false);
            await ReleaseAsync().ConfigureAwait(false);
        }
    }

    private void SetLeader(bool leads)
    {
        IsLeader = leads;
        ElectionMetrics.Set(_options.Name, leads);
    }

    // What throws before its first await must not keep the lease either.
    private async Task LeadAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        try
        {
            await lead(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _working, false);
        }
    }

    private LeadershipLostException Lost(Task leading)
    {
        var why = _seen.IsOurs || _seen.Holder is not { } holder
            ? $"could not renew the lease {_options.Namespace}/{_options.Name} within {_options.RenewDeadline.TotalSeconds} s"
            : $"lost the lease {_options.Namespace}/{_options.Name} to {Bounded.Text(holder, LongestHolder)}";
        var rest = leading.IsCompleted ? "" : "; its work has not ended yet";
        return new LeadershipLostException($"{_options.Identity} {why}{rest}.");
    }

    private async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var began = _time.GetTimestamp();
            if (await TryAsync(TryLimit, cancellationToken).ConfigureAwait(false) == LeaseTry.Held)
            {
                Volatile.Write(ref _renewedAt, began);
                return;
            }

            await Task.Delay(_options.RetryPeriod * (1 + 1.2 * _random()), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when the lease is lost; throws when cancelled.</summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (Left() is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(Min(left, _options.RetryPeriod), _time, cancellationToken).ConfigureAwait(false);
            left = Left();
            if (left <= TimeSpan.Zero) return;
            var began = _time.GetTimestamp();
            switch (await TryAsync(Min(left, TryLimit), cancellationToken).ConfigureAwait(false))
            {
                case LeaseTry.Held:
                    Volatile.Write(ref _renewedAt, began);
                    break;
                case LeaseTry.HeldByOther:
                    return;
            }
        }

        TimeSpan Left() => _options.RenewDeadline - _time.GetElapsedTime(_renewedAt);

        static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
    }

    private async Task<LeaseTry> TryAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await TakeOrRenewAsync(either.Token).ConfigureAwait(false);
        }
        catch (KubernetesException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            return LeaseTry.Failed;
        }
        catch (Exception e) when (IsFailure(e))
        {
            Log.LeaseFailed(_logger, _options.Name, e.Message);
            return LeaseTry.Failed;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LeaseUnanswered(_logger, _options.Name, limit.TotalSeconds);
            return LeaseTry.Failed;
        }
    }

    private async Task<LeaseTry> TakeOrRenewAsync(CancellationToken cancellationToken)
    {
        if (IsLeader && _seen.IsOurs)
        {
            try
            {
                await TakeAsync(_seen.Lease, cancellationToken).ConfigureAwait(false);
                return LeaseTry.Held;
            }
            catch (KubernetesException e) when (e.IsConflict || e.IsNotFound)
            {
                // Somebody touched or deleted it, or an answer to us was lost: see what it is now.
            }
        }

        var current = await _client.GetAsync<V1Lease>(_options.Name, _options.Namespace, cancellationToken).ConfigureAwait(false);
        _seen.Saw(current);
        if (!_seen.MayTake(IsLeader))
        {
            if (_announced != _seen.Holder) Log.LeaseHeldByOther(_logger, Bounded.Text(_seen.Holder, LongestHolder), _options.Name);
            _announced = _seen.Holder;
            return LeaseTry.HeldByOther;
        }

        await TakeAsync(current, cancellationToken).ConfigureAwait(false);
        return LeaseTry.Held;
    }

    private async Task TakeAsync(V1Lease? current, CancellationToken cancellationToken) => _seen.Wrote(current is null
        ? await _client.CreateAsync(LeaseRecord.Fresh(_options, _time.GetUtcNow()), cancellationToken).ConfigureAwait(false)
        : await _client.ReplaceAsync(LeaseRecord.Taken(current, _options, _time.GetUtcNow()), cancellationToken).ConfigureAwait(false));

    // Lets the next one in at once; whoever cannot release is simply waited out.
    private async Task ReleaseAsync()
    {
        using var deadline = new CancellationTokenSource(_options.RenewDeadline, _time);
        try
        {
            // A renewal that the stop cut off may have been stored: then our version is stale, though the lease is ours.
            for (var i = 0; i < ReleaseTries && _seen is { IsOurs: true, Lease: { } lease }; i++)
            {
                try
                {
                    _seen.Wrote(await _client.ReplaceAsync(LeaseRecord.Released(lease, _time.GetUtcNow()), deadline.Token).ConfigureAwait(false));
                    Log.LeaseReleased(_logger, _options.Identity, _options.Name);
                    return;
                }
                catch (KubernetesException e) when (e.IsConflict)
                {
                    _seen.Saw(await _client.GetAsync<V1Lease>(_options.Name, _options.Namespace, deadline.Token).ConfigureAwait(false));
                }
            }
        }
        catch (Exception e) when (IsFailure(e) || e is OperationCanceledException)
        {
            Log.LeaseFailed(_logger, _options.Name, e.Message);
        }
    }

    // Whatever it was: a renewal that fails unseen would leave a leader that renews no more and leads on.
    private static bool IsFailure(Exception error) => error is not OperationCanceledException;
}
