namespace GpuStack.Kubernetes.Events;

/// <summary>Who reports.</summary>
public sealed record EventRecorderOptions
{
    /// <summary>The controller's name, such as <c>gpustack.io/operator</c>.</summary>
    public required string ReportingController { get; init; }

    /// <summary>The pod's name; cut after 128 bytes.</summary>
    public required string ReportingInstance { get; init; }

    /// <summary>A series that goes on is written at most this often.</summary>
    public TimeSpan SeriesInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What has not happened again for this long starts a new event.</summary>
    public TimeSpan SeriesTimeout { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How long writing what is left may take at the end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many events may wait to be written; further ones are dropped and counted in the log.</summary>
    public int MaxWaiting { get; init; } = 1000;

    /// <summary>How many series are followed at once; the oldest make room, and begin anew when they recur.</summary>
    public int MaxSeries { get; init; } = 2048;
}
