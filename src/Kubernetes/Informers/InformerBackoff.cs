namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// The waits between failed lists and watches: 0.8 s doubling to 30 s, each stretched by up to its own length, and back
/// to the start after two minutes without a failure.
/// </summary>
internal sealed class InformerBackoff(TimeProvider time, Func<double> random)
{
    /// <summary>A failure this long ago is over.</summary>
    public static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;
    private long? _last;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        if (_last is { } last && time.GetElapsedTime(last) > Healthy + _next) _next = First;
        _last = time.GetTimestamp();
        var wait = _next * (1 + random());
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return wait < Longest ? wait : Longest;
    }
}
