namespace GpuStack.Kubernetes.Hosting;

/// <summary>What <c>/metrics</c> answers.</summary>
/// <param name="ContentType">Such as <c>text/plain; version=0.0.4; charset=utf-8</c>.</param>
/// <param name="WriteAsync">Writes the whole answer.</param>
public sealed record MetricsSource(string ContentType, Func<Stream, CancellationToken, Task> WriteAsync)
{
    /// <summary>The same as OpenMetrics, for clients that name it; null when there is none.</summary>
    public MetricsSource? OpenMetrics { get; init; }
}
