using System.Globalization;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>A cluster and an operator, what both used since the last look, and how busy the machine was.</summary>
internal sealed class ClusterRun : IAsyncDisposable
{
    private readonly Dictionary<string, double> _figures;
    private IReadOnlyDictionary<string, double> _counts = new Dictionary<string, double>(StringComparer.Ordinal);
    private (double Operator, double Cluster) _processor;

    private ClusterRun(ClusterProcess cluster, OperatorProcess program, Dictionary<string, double> figures) =>
        (Cluster, Operator, _figures) = (cluster, program, figures);

    public ClusterProcess Cluster { get; }

    public OperatorProcess Operator { get; }

    /// <summary>Starts both and waits until the operator is ready.</summary>
    public static async Task<ClusterRun> StartAsync(
        int nodes, int strangePods, BenchmarkArguments arguments, Dictionary<string, double> figures, CancellationToken cancellationToken)
    {
        ClusterProcess cluster = await ClusterProcess.StartAsync(nodes, strangePods, cancellationToken);
        try
        {
            return new ClusterRun(cluster, await OperatorProcess.StartAsync(cluster, arguments, cancellationToken), figures);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is counted begins here.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        _counts = await Operator.CountsAsync(cancellationToken);
        _processor = (Operator.Usage.ProcessorSeconds, Cluster.Usage.ProcessorSeconds);
    }

    /// <summary>Writes what was used since the beginning, for each of <paramref name="count"/> deployments.</summary>
    public async Task EndAsync(string phase, int count, CancellationToken cancellationToken)
    {
        _figures[$"{phase}.operatorProcessorMsEach"] = (Operator.Usage.ProcessorSeconds - _processor.Operator) * 1000 / count;
        _figures[$"{phase}.clusterProcessorMsEach"] = (Cluster.Usage.ProcessorSeconds - _processor.Cluster) * 1000 / count;
        long started = TimeProvider.System.GetTimestamp();
        IReadOnlyDictionary<string, double> counts = await Operator.CountsAsync(cancellationToken);
        _figures[$"{phase}.scrapeMs"] = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        foreach ((string name, double value) in counts)
        {
            _figures[$"{phase}.{name}Each"] = (value - _counts.GetValueOrDefault(name)) / count;
        }
    }

    /// <summary>Processes that wanted to run in the last minute, on average; 0 where the system does not say.</summary>
    public static double Load() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        : 0;

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
