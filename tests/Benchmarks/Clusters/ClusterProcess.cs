using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>A simulated cluster in a process of its own, and the client that applies deployments to it.</summary>
internal sealed class ClusterProcess : IAsyncDisposable
{
    private static readonly Uri s_deployments = new("apis/inference.gpustack.io/v1alpha1/namespaces/default/modeldeployments", UriKind.Relative);

    private readonly Process _process;
    private readonly HttpClient _http = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<DeploymentRecord>> _settled = new(StringComparer.Ordinal);
    private TaskCompletionSource<IReadOnlyList<DeploymentRecord>> _records = NewRecords();
    private Task _reading = Task.CompletedTask;

    private ClusterProcess(Process process) => _process = process;

    /// <summary>The file that leads to its API server.</summary>
    public string Kubeconfig { get; } = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    /// <summary>Its model hub.</summary>
    public string Hub { get; private set; } = "";

    /// <summary>What it took so far.</summary>
    public ProcessUsage Usage => ProcessUsage.Of(_process);

    /// <summary>Starts a cluster.</summary>
    /// <param name="nodes">Its nodes.</param>
    /// <param name="strangePods">Pods that are none of the operator's; with any, nodes and pods are as large as real ones, and nobody acts on the nodes.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <exception cref="IOException">It ended before it was up.</exception>
    public static async Task<ClusterProcess> StartAsync(int nodes, int strangePods, CancellationToken cancellationToken)
    {
        // Started by "dotnet run" this is the program's own host, started by "dotnet FILE" it is dotnet.
        string host = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(ClusterProcess).Assembly.Location] : [];
        var start = new ProcessStartInfo(host, [.. self, ClusterServer.Command, "--nodes", Text(nodes), "--strange-pods", Text(strangePods)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // Only the operator's memory is measured; the simulated cluster's processor time is better spent on answers than on collecting.
        // With a heap for each processor it collects half as often.
        start.Environment["DOTNET_gcServer"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        var cluster = new ClusterProcess(Process.Start(start)!);
        string kubeconfig = JsonSerializer.Deserialize<string>(await cluster.LineAsync(cancellationToken))!;
        cluster.Hub = await cluster.LineAsync(cancellationToken);
        await File.WriteAllTextAsync(cluster.Kubeconfig, kubeconfig, cancellationToken);
        cluster._http.BaseAddress = new Uri(KubernetesClientConfiguration.FromText(kubeconfig).Server.AbsoluteUri);
        cluster._reading = cluster.ReadAsync();
        return cluster;
    }

    /// <summary>Creates a deployment.</summary>
    /// <exception cref="HttpRequestException">It is refused.</exception>
    public async Task CreateAsync(byte[] manifest, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(manifest);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await _http.PostAsync(s_deployments, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until a deployment is Ready, or waits for capacity.</summary>
    public Task<DeploymentRecord> SettledAsync(string name, CancellationToken cancellationToken) => Settled(name).Task.WaitAsync(cancellationToken);

    /// <summary>What was noted of all deployments.</summary>
    public async Task<IReadOnlyDictionary<string, DeploymentRecord>> RecordsAsync(CancellationToken cancellationToken)
    {
        _records = NewRecords();
        await _process.StandardInput.WriteLineAsync("records".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return (await _records.Task.WaitAsync(cancellationToken)).ToDictionary(record => record.Name, StringComparer.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.StandardInput.Close();
        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(Kubeconfig);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static TaskCompletionSource<IReadOnlyList<DeploymentRecord>> NewRecords() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource<DeploymentRecord> Settled(string name) =>
        _settled.GetOrAdd(name, static _ => new TaskCompletionSource<DeploymentRecord>(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (line.StartsWith('['))
            {
                _records.TrySetResult(JsonSerializer.Deserialize<List<DeploymentRecord>>(line)!);
            }
            else
            {
                DeploymentRecord record = JsonSerializer.Deserialize<DeploymentRecord>(line)!;
                Settled(record.Name).TrySetResult(record);
            }
        }

        var ended = new IOException("The simulated cluster's process ended.");
        _records.TrySetException(ended);
        foreach (TaskCompletionSource<DeploymentRecord> waiting in _settled.Values)
        {
            waiting.TrySetException(ended);
        }
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new IOException("The simulated cluster's process ended before it told its address; its own message stands above.");
}
