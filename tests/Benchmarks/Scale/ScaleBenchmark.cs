using GpuStack.Benchmarks.Clusters;

namespace GpuStack.Benchmarks.Scale;

/// <summary>
/// Many deployments at once on a large cluster, created as fast as the API server takes them: how many a second go through plan and apply, and
/// what the operator takes meanwhile. Then deployments that fit nowhere. Then, anew, an operator that has nothing to do on a full cluster.
/// </summary>
internal sealed class ScaleBenchmark : IBenchmark
{
    /// <summary>Deployments created at a time.</summary>
    private const int Creators = 16;

    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);

    public string Name => "scale";

    public string Usage => "many deployments, many nodes: [--deployments 10000] [--nodes 2000] [--waiting 500] [--idle-nodes 1000] [--idle-pods 10000] [--idle-seconds 60] [--only deployments|idle] [--minutes 10] [--program FILE] [--workers N] [--operator-log FILE]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        int minutes = arguments.Integer("minutes", 10);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(minutes), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (arguments.Optional("only") is null or "idle")
            {
                await IdleAsync(arguments, either.Token);
            }

            if (arguments.Optional("only") is null or "deployments")
            {
                await DeploymentsAsync(arguments, details, either.Token);
            }
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
        {
            throw new IOException($"It took longer than {minutes} minutes; set --minutes, or --deployments lower.", exception);
        }

        return _figures;
    }

    private async Task DeploymentsAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        int count = arguments.Integer("deployments", 10_000);
        int waiting = arguments.Integer("waiting", 500);
        int idle = arguments.Integer("idle-seconds", 60);
        _figures["load.before"] = ClusterRun.Load();
        await using ClusterRun run = await ClusterRun.StartAsync(arguments.Integer("nodes", 2000), 0, arguments, _figures, cancellationToken);
        await ManyAsync("fitting", run, 0, count, Workload.Fitting, details, cancellationToken);
        ProcessUsage usage = run.Operator.Usage;
        _figures["operatorPeakMB"] = usage.PeakMB;
        _figures["operatorResidentMB"] = usage.ResidentMB;
        _figures["operatorAnonymousMB"] = usage.AnonymousMB;
        await Task.Delay(TimeSpan.FromSeconds(idle), TimeProvider.System, cancellationToken);
        _figures["operatorLaterMB"] = run.Operator.Usage.ResidentMB;
        if (waiting > 0)
        {
            await ManyAsync("waiting", run, count, waiting, Workload.Waiting, details, cancellationToken);
        }

        _figures["load.after"] = ClusterRun.Load();
    }

    private async Task ManyAsync(
        string phase, ClusterRun run, int first, int count, Func<int, byte[]> manifest, TextWriter details, CancellationToken cancellationToken)
    {
        await run.BeginAsync(cancellationToken);
        long started = TimeProvider.System.GetTimestamp();
        int next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, Creators).Select(_ => CreateAsync()));
        _figures[$"{phase}.createdSeconds"] = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await Task.WhenAll(Enumerable.Range(first, count).Select(i => run.Cluster.SettledAsync(Workload.Name(i), cancellationToken)));
        _figures[$"{phase}.settledSeconds"] = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await run.EndAsync(phase, count, cancellationToken);
        IReadOnlyDictionary<string, DeploymentRecord> records = await run.Cluster.RecordsAsync(cancellationToken);
        DeploymentRecord[] measured = [.. Enumerable.Range(first, count).Select(i => records[Workload.Name(i)])];
        int waiting = measured.Count(record => record.Waits);
        long end = measured.Max(record => record.Waits ? record.Settled : record.LastChild);
        double seconds = (end - measured.Min(record => record.Created)) / 1e9;
        _figures[$"{phase}.seconds"] = seconds;
        _figures[$"{phase}.perSecond"] = count / seconds;
        _figures[$"{phase}.found no place"] = waiting;
        _figures[$"{phase}.childrenEach"] = measured.Average(record => record.Children);
        await details.WriteLineAsync(FormattableString.Invariant($"{phase}: {count} deployments in {seconds:0.0} s, from the first one's being stored to the last one's last child, or its refusal"));

        async Task CreateAsync()
        {
            for (int index = Interlocked.Increment(ref next); index < first + count; index = Interlocked.Increment(ref next))
            {
                await run.Cluster.CreateAsync(manifest(index), cancellationToken);
            }
        }
    }

    private async Task IdleAsync(BenchmarkArguments arguments, CancellationToken cancellationToken)
    {
        _figures["idle.loadBefore"] = ClusterRun.Load();
        await using ClusterRun run = await ClusterRun.StartAsync(
            arguments.Integer("idle-nodes", 1000), arguments.Integer("idle-pods", 10_000), arguments, _figures, cancellationToken);
        _figures["idle.readySeconds"] = run.Operator.ReadySeconds;
        await Task.Delay(TimeSpan.FromSeconds(arguments.Integer("idle-seconds", 60)), TimeProvider.System, cancellationToken);
        ProcessUsage usage = run.Operator.Usage;
        _figures["idle.residentMB"] = usage.ResidentMB;
        _figures["idle.anonymousMB"] = usage.AnonymousMB;
        _figures["idle.peakMB"] = usage.PeakMB;
        _figures["idle.processorSeconds"] = usage.ProcessorSeconds;
    }
}
