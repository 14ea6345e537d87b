using GpuStack.Faults;
using GpuStack.Faults.Storage;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Benchmarks.Soak;

/// <summary>
/// Many informers over servers that keep failing, while objects change: in the end every cache, index and handler must know exactly what the
/// server has, and memory must not have grown. The informers, their client and the servers run on a clock that is faster than the system's:
/// back-offs, watch timeouts and watchdogs keep their proportions, and minutes show what hours would.
/// </summary>
internal sealed class SoakBenchmark : IBenchmark
{
    /// <summary>More growth than this between the first and the last third of the run is a leak.</summary>
    private const double MaxGrowthPercent = 15;

    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SettleInterval = TimeSpan.FromSeconds(1);

    /// <summary>Until all code is compiled and the buffers have found their size.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public string Name => "soak";

    public string Usage => "informers over failing servers: [--watchers 50] [--changes 100000] [--rate 300] [--minutes 10] [--speed 20] [--events 500] [--names 300] [--window 1000] [--seed 1]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        SoakOptions options = SoakOptions.Read(arguments);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(options.Minutes), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        await using SoakServerProcess server = await SoakServerProcess.StartAsync(options, either.Token);

        var time = new ScaledClock(options.Speed);
        var json = new KubernetesJson();
        KubernetesClient[] clients = [.. server.Urls.Select(url => new KubernetesClient(new KubernetesClientConfiguration { Server = url }, json, time))];
        using var calmClient = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Urls[1] }, json);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
        List<ISoakWatcher> watchers = [.. Enumerable.Range(0, options.Watchers).Select(i => Create(i, clients[i % clients.Length], calmClient, json, time))];
        Task running = Task.WhenAll(watchers.Select(watcher => watcher.RunAsync(stop.Token)));
        try
        {
            await ChangeAsync(options, server, watchers, figures, details, either.Token);
            Report(figures, await server.CalmAsync(either.Token));
            await SettleAsync(watchers, figures, either.Token);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
        {
            throw new IOException($"The changes took longer than {options.Minutes} minutes; set --minutes, or --changes and --rate.", exception);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
            Array.ForEach(clients, client => client.Dispose());
        }

        return figures;
    }

    /// <summary>Half of the watchers follow each resource; whole, by namespace, by label and by both.</summary>
    private static ISoakWatcher Create(int index, IKubernetesClient client, IKubernetesClient calmClient, KubernetesJson json, TimeProvider time)
    {
        int kind = index / 2;
        string? namespaceName = kind % 4 is 1 or 3 ? RandomChanges.Namespaces[kind / 4 % RandomChanges.Namespaces.Count] : null;
        string[] namespaces = namespaceName is null ? [] : [namespaceName];
        string? labels = kind % 4 is 2 or 3 ? $"team={RandomChanges.Teams[kind / 4 % RandomChanges.Teams.Count]}" : null;
        string what = $"in {namespaceName ?? "all namespaces"}, {labels ?? "all teams"}";
        return kind % 2 == 0
            ? new SoakWatcher<V1ConfigMap>($"{index}: config maps {what}", client, calmClient, json, new InformerOptions<V1ConfigMap> { Namespaces = namespaces, LabelSelector = labels }, time)
            : new SoakWatcher<V1Pod>($"{index}: pods {what}", client, calmClient, json, new InformerOptions<V1Pod> { Namespaces = namespaces, LabelSelector = labels }, time);
    }

    private static async Task ChangeAsync(
        SoakOptions options, SoakServerProcess server, List<ISoakWatcher> watchers, Dictionary<string, double> figures, TextWriter details, CancellationToken cancellationToken)
    {
        await Task.WhenAll(watchers.Select(watcher => watcher.InitialSync)).WaitAsync(cancellationToken);
        await server.StartChangesAsync(cancellationToken);
        await Task.Delay(WarmUp, TimeProvider.System, cancellationToken);

        var heap = new HeapSamples();
        long start = TimeProvider.System.GetTimestamp();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long events = watchers.Sum(watcher => watcher.Events);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        double changed;
        do
        {
            double bytes = heap.Take();
            changed = (await server.StateAsync(cancellationToken))["changed"];
            await details.WriteLineAsync($"{changed:0} changes, {watchers.Sum(watcher => watcher.Events)} events, {bytes / (1024 * 1024):0.0} MiB");
            if (changed < options.Changes)
            {
                await Task.Delay(SampleInterval, TimeProvider.System, cancellationToken);
            }
        }
        while (changed < options.Changes);

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        events = watchers.Sum(watcher => watcher.Events) - events;
        figures["eventsPerSecond"] = events / seconds;
        figures["allocatedBytesPerEvent"] = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)Math.Max(1, events);
        figures["processorPercent"] = 100 * (Environment.CpuUsage.TotalTime - processor).TotalSeconds / seconds;
        heap.Report(figures);
        figures["minutes"] = (seconds + WarmUp.TotalSeconds) / 60;
        figures["minutesOfItsClock"] = figures["minutes"] * options.Speed;
    }

    /// <summary>Waits until all are equal; those that are not when time is up are named.</summary>
    private static async Task SettleAsync(List<ISoakWatcher> watchers, Dictionary<string, double> figures, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        List<(ISoakWatcher Watcher, string Difference)> unequal = [.. watchers.Select(watcher => (watcher, "not compared"))];
        try
        {
            while (unequal.Count > 0)
            {
                ISoakWatcher[] left = [.. unequal.Select(one => one.Watcher)];
                string?[] differences = await Task.WhenAll(left.Select(watcher => watcher.DifferenceAsync(cancellationToken)));
                unequal = [.. left.Zip(differences).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!))];
                await Task.Delay(unequal.Count == 0 ? TimeSpan.Zero : SettleInterval, TimeProvider.System, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Time is up; what is unequal now stays so.
        }

        string[] errors =
        [
            .. unequal.Select(one => $"Not equal to the server: {one.Watcher.Name}: {one.Difference}"),
            .. watchers.SelectMany(watcher => watcher.HistoryErrors.Select(error => $"Told out of order: {watcher.Name}: {error}")),
        ];
        foreach (string error in errors)
        {
            await Console.Error.WriteLineAsync(error);
        }

        figures["settleSeconds"] = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        figures["watchers"] = watchers.Count;
        figures["watchersEqual"] = watchers.Count - unequal.Count;
        figures["historyErrors"] = errors.Length - unequal.Count;
        figures["events"] = watchers.Sum(watcher => watcher.Events);
        figures[BenchmarkFigures.Failed] = errors.Length > 0 || figures["heap.growthPercent"] > MaxGrowthPercent ? 1 : 0;
    }

    private static void Report(Dictionary<string, double> figures, IReadOnlyDictionary<string, double> state)
    {
        foreach ((string name, double value) in state)
        {
            figures[name == "changed" ? "changes" : name] = value;
        }

        figures["faults"] = state.Where(entry => entry.Key.StartsWith("fault.", StringComparison.Ordinal)).Sum(entry => entry.Value);
    }
}
