using System.Globalization;

namespace GpuStack.Modeling.Fetching;

/// <summary>How far a download is, and the line that says so. Safe for concurrent use.</summary>
/// <param name="total">The bytes of all files.</param>
/// <param name="timeProvider">Measures the speed.</param>
internal sealed class FetchProgress(long total, TimeProvider timeProvider)
{
    private long _there;
    private long _received;
    private long _lastReceived;
    private long _lastTime = timeProvider.GetTimestamp();

    /// <summary>Bytes that came over the network.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Bytes that are there, of this run or an earlier one.</summary>
    public long There => Interlocked.Read(ref _there);

    public long Total => total;

    public void Receive(int bytes)
    {
        Interlocked.Add(ref _received, bytes);
        Interlocked.Add(ref _there, bytes);
    }

    /// <summary>Bytes of an earlier run were found; negative when bytes are thrown away.</summary>
    public void Find(long bytes) => Interlocked.Add(ref _there, bytes);

    /// <summary>How far it is, with the speed since the last call; one caller.</summary>
    public FetchState Step()
    {
        long now = timeProvider.GetTimestamp();
        double seconds = timeProvider.GetElapsedTime(_lastTime, now).TotalSeconds;
        long received = Received;
        double speed = seconds > 0 ? (received - _lastReceived) / seconds : 0;
        (_lastTime, _lastReceived) = (now, received);
        return new FetchState(There, total, speed);
    }

    /// <summary>A line such as <c>42% 1.3 GiB of 3.1 GiB, 85.2 MB/s, 22 s left</c>.</summary>
    /// <param name="there">Bytes that are there.</param>
    /// <param name="total">Bytes of all files.</param>
    /// <param name="speed">Bytes per second.</param>
    internal static string Line(long there, long total, double speed)
    {
        double share = total == 0 ? 100 : Math.Clamp(100.0 * there / total, 0, 100);
        string left = speed < 1 ? "stalled" : $"{Left(TimeSpan.FromSeconds(Math.Min(Math.Max(0, total - there) / speed, 864000)))} left";
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share)}% {new Bytes(there)} of {new Bytes(total)}, {speed / 1e6:0.0} MB/s, {left}");
    }

    private static string Left(TimeSpan time) => time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)} s");
}
