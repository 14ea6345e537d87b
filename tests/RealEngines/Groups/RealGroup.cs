using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.RealEngines.Programs;

namespace GpuStack.RealEngines.Groups;

/// <summary>
/// A group of real processes on loopback: two workers and a leader, each <c>supervise</c> around the real program, started with what the
/// operator puts into their pods; only addresses, ports and the model's path are other ones. This machine has no GPU, so the leader's
/// own is played by one more ggml-rpc-server that stands behind the workers in <c>--rpc</c>, as local GPUs do in the order of devices.
/// </summary>
internal sealed class RealGroup : IDisposable
{
    private readonly List<Process> _gpus;

    private RealGroup(PlannedPods pods, ImmutableArray<string> endpoints, List<Process> gpus, ImmutableArray<SupervisedEngine> workers, SupervisedEngine leader, Uri api)
    {
        Pods = pods;
        Endpoints = endpoints;
        _gpus = gpus;
        Workers = workers;
        Leader = leader;
        Api = new CompletionClient(api);
    }

    public PlannedPods Pods { get; }

    /// <summary>Where the devices of the plan are, in its order: the workers, then the leader's own.</summary>
    public ImmutableArray<string> Endpoints { get; }

    public ImmutableArray<SupervisedEngine> Workers { get; }

    public SupervisedEngine Leader { get; }

    public CompletionClient Api { get; }

    /// <summary>Starts all processes; they are not ready yet.</summary>
    public static async Task<RealGroup> StartAsync(RealGroupOptions options, CancellationToken cancellationToken)
    {
        var pods = await PlannedPods.BuildAsync(options.Model, cancellationToken);
        var path = $"{options.Programs}:{Environment.GetEnvironmentVariable("PATH")}";
        // Listening ports are told apart by their number alone, addresses do not count; the status port is the same in all pods.
        var (statusPort, leaderStatusPort, apiPort) = (Ports.Free(), Ports.Free(), Ports.Free());
        ImmutableArray<(string Host, int Port)> places = [.. pods.Workers.Select((_, i) => ($"127.0.0.{i + 2}", Ports.Free()))];
        ImmutableArray<int> gpuPorts = [.. Enumerable.Range(0, pods.Plan.Leader.Gpus).Select(_ => Ports.Free())];
        ImmutableArray<string> endpoints = [.. places.Select(place => $"{place.Host}:{place.Port}"), .. gpuPorts.Select(port => $"127.0.0.1:{port}")];
        List<Process> gpus = [];
        List<SupervisedEngine> engines = [];
        try
        {
            foreach (var port in gpuPorts)
            {
                gpus.Add(Gpu(options, port));
                await Ports.ListenAsync(port, cancellationToken);
            }
            for (var i = 0; i < places.Length; i++)
            {
                var command = pods.Workers[i].WithEngine("-H", places[i].Host).WithEngine("-p", Text(places[i].Port)).WithOption("--engine-port", Text(places[i].Port));
                engines.Add(Start($"worker {i}", command, places[i].Host, statusPort));
            }
            var leader = pods.Leader.WithEngine("--host", "127.0.0.1").WithEngine("--port", Text(apiPort)).WithEngine("-m", options.Model).WithOption("--engine-port", Text(apiPort));
            for (var i = 0; i < places.Length; i++)
                leader = leader.Replacing(pods.Endpoints[i], endpoints[i]);
            leader = leader.WithEngine("--rpc", string.Join(',', endpoints)).WithOption("--worker-status-port", Text(statusPort));
            engines.Add(Start("the leader", leader, "127.0.0.1", leaderStatusPort));
            return new RealGroup(pods, endpoints, gpus, [.. engines[..^1]], engines[^1], new Uri($"http://127.0.0.1:{apiPort}"));
        }
        catch
        {
            End(gpus, engines);
            throw;
        }

        SupervisedEngine Start(string name, PodCommand command, string address, int port)
        {
            command = command.WithOption("--status-address", address).WithOption("--status-port", Text(port));
            if (options.StuckAfter is { } stuckAfter)
                command = command.WithOption("--stuck-after", string.Create(CultureInfo.InvariantCulture, $"{stuckAfter.TotalSeconds}s"));
            return SupervisedEngine.Start(name, options.Operator, command, path, new Uri($"http://{address}:{port}"));
        }
    }

    /// <summary>Until a completion is answered.</summary>
    public async Task ServingAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in Workers)
            await worker.RunningAsync(cancellationToken);
        await Leader.RunningAsync(cancellationToken);
        await Api.CompleteAsync(4, cancellationToken);
    }

    public void Dispose()
    {
        Api.Dispose();
        End(_gpus, [Leader, .. Workers]);
    }

    private static Process Gpu(RealGroupOptions options, int port) => Process.Start(new ProcessStartInfo(
        Path.Combine(options.Programs, LlamaServerArguments.WorkerProgram), ["-H", "127.0.0.1", "-p", Text(port)])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static void End(IEnumerable<Process> gpus, IEnumerable<SupervisedEngine> engines)
    {
        foreach (var engine in engines)
            engine.Dispose();
        foreach (var gpu in gpus)
        {
            gpu.Kill();
            gpu.WaitForExit();
            gpu.Dispose();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
