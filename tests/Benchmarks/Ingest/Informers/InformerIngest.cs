using System.Diagnostics;
using System.Globalization;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Benchmarks.Ingest.Informers;

/// <summary>
/// Informers of nodes and pods against a server in another process: what the first list and the changes after it cost. Only this
/// process's time and memory are counted.
/// </summary>
internal sealed class InformerIngest : IDisposable
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly Dictionary<string, double> _figures;
    private readonly string _name;
    private readonly Process _server;
    private readonly Uri _url;
    private readonly int _nodes;
    private readonly int _pods;
    private int _changes;
    private int _awaited;
    private TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private InformerIngest(Dictionary<string, double> figures, string name, int nodes, int pods, bool streaming)
    {
        (_figures, _name, _nodes, _pods) = (figures, name, nodes, pods);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        foreach (string argument in (string[])["ingest-server", "--nodes", Text(nodes), "--pods", Text(pods), "--streaming", streaming ? "1" : "0"])
        {
            start.ArgumentList.Add(argument);
        }

        _server = Process.Start(start) ?? throw new InvalidOperationException("The server process did not start.");
        _url = new Uri($"http://127.0.0.1:{_server.StandardOutput.ReadLine()}");
    }

    /// <param name="figures">Takes the figures, under names that begin with <paramref name="name"/>.</param>
    /// <param name="name">The sample.</param>
    /// <param name="whole">Keep all of the objects, not what the operator keeps.</param>
    /// <param name="streaming">The server lets a watch begin with the present objects.</param>
    /// <param name="arguments">nodes, pods, events (as fast as they are taken), rate (a second) and seconds (at that rate).</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task MeasureAsync(
        Dictionary<string, double> figures, string name, bool whole, bool streaming, BenchmarkArguments arguments, CancellationToken cancellationToken)
    {
        using var ingest = new InformerIngest(figures, name, arguments.Integer("nodes", 10_000), arguments.Integer("pods", 50_000), streaming);
        await ingest.MeasureAsync(
            whole, arguments.Integer("events", 100_000), arguments.Integer("rate", 5000), arguments.Integer("seconds", 10), cancellationToken);
    }

    public void Dispose()
    {
        _server.StandardInput.Close();
        _server.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task MeasureAsync(bool whole, int events, int rate, int seconds, CancellationToken cancellationToken)
    {
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = _url }, new KubernetesJson());
        var nodes = new Informer<V1Node>(client, CachedObjects.Nodes(whole), Clock, NullLoggerFactory.Instance);
        var pods = new Informer<V1Pod>(client, CachedObjects.Pods(whole), Clock, NullLoggerFactory.Instance);
        nodes.AddHandler(change => Count(change.Type));
        pods.AddHandler(change => Count(change.Type));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long empty = GC.GetTotalMemory(forceFullCollection: true);
        Meter list = Meter.Start();
        Task running = Task.WhenAll(nodes.RunAsync(stop.Token), pods.RunAsync(stop.Token));
        await Task.WhenAll(nodes.InitialSync, pods.InitialSync).WaitAsync(TimeSpan.FromMinutes(5), Clock, cancellationToken);
        Record("list", list, _nodes + _pods, "Object");
        if (nodes.Cache.Count != _nodes || pods.Cache.Count != _pods)
        {
            Exception? error = nodes.LastError ?? pods.LastError;
            throw new InvalidOperationException($"{_name}: {nodes.Cache.Count} nodes and {pods.Cache.Count} pods are cached; {error?.Message}");
        }

        _figures[_name + ".retainedMB"] = (GC.GetTotalMemory(forceFullCollection: true) - empty) / 1e6;

        using var control = new HttpClient { BaseAddress = _url, Timeout = TimeSpan.FromMinutes(5) };
        await ChangeAsync(control, events, 0, "warm-up");
        await ChangeAsync(control, events, 0, "burst");
        await ChangeAsync(control, rate * seconds, rate, "paced");
        await stop.CancelAsync();
        await running;
    }

    private async Task ChangeAsync(HttpClient control, int count, int rate, string phase)
    {
        _seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, Volatile.Read(ref _changes) + count);
        Meter meter = Meter.Start();
        using HttpResponseMessage answer = await control.GetAsync(new Uri($"/events?count={count}&rate={rate}", UriKind.Relative));
        await _seen.Task.WaitAsync(TimeSpan.FromMinutes(2), Clock);
        if (phase != "warm-up")
        {
            Record(phase, meter, count, "Event");
        }
    }

    private void Count(InformerEventType type)
    {
        if (type == InformerEventType.Updated && Interlocked.Increment(ref _changes) == Volatile.Read(ref _awaited))
        {
            _seen.TrySetResult();
        }
    }

    private void Record(string phase, Meter meter, int count, string one)
    {
        (double seconds, double processor, long allocated, long peak) = meter.Stop();
        string prefix = $"{_name}.{phase}";
        _figures[prefix + "Seconds"] = seconds;
        _figures[prefix + "PerSecond"] = count / seconds;
        _figures[$"{prefix}BytesPer{one}"] = (double)allocated / count;
        _figures[$"{prefix}ProcessorMicrosPer{one}"] = processor * 1e6 / count;
        if (phase == "list")
        {
            _figures[prefix + "PeakMB"] = peak / 1e6;
        }
    }

    /// <summary>Time, processor time and allocations from its start on, and the largest working set seen at 100 looks a second.</summary>
    private sealed class Meter
    {
        private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);
        private readonly TimeSpan _processor = Environment.CpuUsage.TotalTime;
        private readonly long _started = Clock.GetTimestamp();
        private readonly ITimer _looks;
        private long _peak;

        private Meter() => _looks = Clock.CreateTimer(
            static meter => ((Meter)meter!)._peak = Math.Max(((Meter)meter)._peak, Environment.WorkingSet),
            this,
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(10));

        public static Meter Start() => new();

        public (double Seconds, double Processor, long Allocated, long Peak) Stop()
        {
            double seconds = Clock.GetElapsedTime(_started).TotalSeconds;
            double processor = (Environment.CpuUsage.TotalTime - _processor).TotalSeconds;
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - _allocated;
            _looks.Dispose();
            return (seconds, processor, allocated, _peak);
        }
    }
}
