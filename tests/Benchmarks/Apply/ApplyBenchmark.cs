using GpuStack.Benchmarks.Clusters;

namespace GpuStack.Benchmarks.Apply;

/// <summary>
/// How long it takes from a deployment's being sent to the API server until all its children are stored. One after another: each is created
/// when the one before is Ready. Then several such rows at once. The first deployment of the operator's life, and the first of each kind, in
/// which the model's header is read and code is compiled, count by themselves.
/// </summary>
internal sealed class ApplyBenchmark : IBenchmark
{
    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);
    private int _created;

    public string Name => "apply";

    public string Usage => "one deployment's way to its children: [--deployments 400] [--nodes 200] [--rows 8] [--warm-up 200] [--program FILE] [--workers N] [--operator-log FILE]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        int count = arguments.Integer("deployments", 400);
        int rows = arguments.Integer("rows", 8);
        _figures["load.before"] = ClusterRun.Load();
        await using ClusterRun run = await ClusterRun.StartAsync(arguments.Integer("nodes", 200), 0, arguments, _figures, cancellationToken);
        _figures["readySeconds"] = run.Operator.ReadySeconds;
        await CreateAsync(run, 1, 1, cancellationToken);
        await CreateAsync(run, Workload.Kinds - 1, 1, cancellationToken);
        await CreateAsync(run, arguments.Integer("warm-up", 200), rows, cancellationToken);

        int alone = _created;
        await run.BeginAsync(cancellationToken);
        await CreateAsync(run, count, 1, cancellationToken);
        await run.EndAsync("alone", count, cancellationToken);

        int together = _created;
        await run.BeginAsync(cancellationToken);
        await CreateAsync(run, count, rows, cancellationToken);
        await run.EndAsync("together", count, cancellationToken);

        IReadOnlyDictionary<string, DeploymentRecord> records = await run.Cluster.RecordsAsync(cancellationToken);
        _figures["cold.firstMs"] = Milliseconds(records[Workload.Name(0)]);
        _figures["cold.kindsMaxMs"] = Enumerable.Range(1, Workload.Kinds - 1).Max(i => Milliseconds(records[Workload.Name(i)]));
        Report("alone", records, alone, count);
        Report("together", records, together, count);
        _figures["childrenEach"] = records.Values.Average(record => record.Children);
        _figures["operatorResidentMB"] = run.Operator.Usage.ResidentMB;
        _figures["load.after"] = ClusterRun.Load();
        await details.WriteLineAsync("From the request's being sent to the store's notice of the last child; one monotonic clock for all processes.");
        return _figures;
    }

    private async Task CreateAsync(ClusterRun run, int count, int rows, CancellationToken cancellationToken)
    {
        int first = _created;
        int next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, rows).Select(_ => RowAsync()));
        _created = first + count;

        async Task RowAsync()
        {
            for (int index = Interlocked.Increment(ref next); index < first + count; index = Interlocked.Increment(ref next))
            {
                byte[] manifest = Workload.Fitting(index);
                lock (_sent)
                {
                    _sent[Workload.Name(index)] = DeploymentRecord.Now;
                }

                await run.Cluster.CreateAsync(manifest, cancellationToken);
                DeploymentRecord record = await run.Cluster.SettledAsync(Workload.Name(index), cancellationToken);
                if (record.Waits)
                {
                    throw new ArgumentException($"{record.Name} finds no place; set --nodes higher or --deployments lower.");
                }
            }
        }
    }

    private void Report(string phase, IReadOnlyDictionary<string, DeploymentRecord> records, int first, int count)
    {
        DeploymentRecord[] measured = [.. Enumerable.Range(first, count).Select(i => records[Workload.Name(i)])];
        var children = new Quantiles(measured.Select(Milliseconds));
        _figures[$"{phase}.p50Ms"] = children.At(0.5);
        _figures[$"{phase}.p99Ms"] = children.At(0.99);
        _figures[$"{phase}.maxMs"] = children.At(1);
        _figures[$"{phase}.readyP50Ms"] = new Quantiles(measured.Select(record => (record.Settled - _sent[record.Name]) / 1e6)).At(0.5);
    }

    private double Milliseconds(DeploymentRecord record) => (record.LastChild - _sent[record.Name]) / 1e6;
}
