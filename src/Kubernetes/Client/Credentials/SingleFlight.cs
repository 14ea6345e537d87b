namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>
/// A value that is read when it is needed and grows old. However many ask at once, it is read once, and all of them wait
/// for that; when the last one stops waiting the reading is cancelled. While reading it anew fails the last good value
/// serves on, for as long as it is usable; where there is none the failure is everybody's, and the next who asks tries
/// again.
/// </summary>
internal sealed class SingleFlight<T>(Func<T?, CancellationToken, Task<Fresh<T>>> read, TimeProvider time, Action<Exception>? renewalFailed = null) : IDisposable
    where T : class
{
    /// <summary>How long the last good value serves before reading it anew is tried again.</summary>
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Fresh<T>? _current;
    private T? _last;
    private Flight? _flight;
    private bool _disposed;

    /// <summary>Begins with a value.</summary>
    public SingleFlight(Fresh<T> first, Func<T?, CancellationToken, Task<Fresh<T>>> read, TimeProvider time, Action<Exception>? renewalFailed = null)
        : this(read, time, renewalFailed)
    {
        _current = first;
        _last = first.Value;
    }

    /// <summary>The value that serves; null when there is none.</summary>
    public T? Current
    {
        get
        {
            lock (_lock) return _current?.Value;
        }
    }

    public ValueTask<T> GetAsync(CancellationToken cancellationToken)
    {
        Flight flight;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is { } current && !(current.RenewAt <= time.GetUtcNow())) return new ValueTask<T>(current.Value);
            flight = _flight ??= Start();
            flight.Waiting++;
        }

        return new ValueTask<T>(WaitAsync(flight, cancellationToken));
    }

    /// <summary>The value is of no use any more; unless another has taken its place.</summary>
    public void Discard(T value)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_current?.Value, value)) _current = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _flight?.Stop.Cancel();
        }
    }

    private Flight Start()
    {
        var flight = new Flight();
        var last = _last;
        flight.Reading = Task.Run(() => ReadAsync(flight, last));
        return flight;
    }

    private async Task<T> ReadAsync(Flight flight, T? last)
    {
        try
        {
            var fresh = await read(last, flight.Stop.Token).ConfigureAwait(false);
            lock (_lock)
            {
                if (ReferenceEquals(_flight, flight))
                {
                    _flight = null;
                    _current = fresh;
                    _last = fresh.Value;
                }

                return fresh.Value;
            }
        }
        catch (Exception e)
        {
            T? old = null;
            lock (_lock)
            {
                if (ReferenceEquals(_flight, flight)) _flight = null;
                var now = time.GetUtcNow();
                if (e is not OperationCanceledException && _current is { } current && !(current.UsableUntil <= now))
                {
                    _current = current with { RenewAt = now + FailurePause };
                    old = current.Value;
                }
            }

            if (old is null) throw;
            renewalFailed?.Invoke(e);
            return old;
        }
    }

    private async Task<T> WaitAsync(Flight flight, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.Reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            var abandoned = false;
            lock (_lock)
            {
                // Whoever asks from now on begins anew, instead of waiting for what is being cancelled.
                if (--flight.Waiting == 0 && ReferenceEquals(_flight, flight))
                {
                    _flight = null;
                    abandoned = true;
                }
            }

            if (abandoned) await flight.Stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private sealed class Flight
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task<T> Reading { get; set; } = null!;

        public int Waiting { get; set; }
    }
}
