using System.Diagnostics;
using System.Text;
using GpuStack.EndToEnd.Reconciliation;

namespace GpuStack.EndToEnd.Metrics;

/// <summary><c>run</c> in a process of its own against a test's cluster, with the metrics on a port of their own.</summary>
internal sealed class ScrapedOperator : IAsyncDisposable
{
    /// <summary>What is sent to collectors is sent at once.</summary>
    private static readonly Dictionary<string, string> Hurry = new(StringComparer.Ordinal) { ["OTEL_METRIC_EXPORT_INTERVAL"] = "500", ["OTEL_BSP_SCHEDULE_DELAY"] = "200" };

    private readonly Process _process;
    private readonly string _kubeconfig;
    private readonly StringBuilder _log = new();

    private ScrapedOperator(Process process, string kubeconfig, int port, string scheme)
    {
        _process = process;
        _kubeconfig = kubeconfig;
        Address = new Uri($"{scheme}://127.0.0.1:{port}/metrics");
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>All that it wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Serves a test's namespace, and elects itself.</summary>
    public static Task<ScrapedOperator> StartAsync(TestCluster cluster, params string[] options) => StartAsync(cluster, program: null, [], options);

    /// <param name="cluster">Whose namespace it serves.</param>
    /// <param name="program">The program's file; null for the one that was built.</param>
    /// <param name="environment">Variables.</param>
    /// <param name="options">Of <c>run</c>.</param>
    public static async Task<ScrapedOperator> StartAsync(TestCluster cluster, string? program, (string Name, string Value)[] environment, params string[] options) => Start(
        await cluster.WriteKubeconfigAsync(),
        "http",
        program,
        environment,
        [
            "--namespace", cluster.Namespace, "--leader-elect", "--lease-namespace", cluster.Namespace,
            "--hugging-face-endpoint", cluster.HubUrl.ToString(), "--supervisor-url", cluster.SupervisorUrl, .. options,
        ]);

    /// <param name="kubeconfig">A file, which is deleted at the end.</param>
    /// <param name="scheme">Of the metrics.</param>
    /// <param name="options">Of <c>run</c>, besides those of ports.</param>
    public static ScrapedOperator Start(string kubeconfig, string scheme, params string[] options) => Start(kubeconfig, scheme, null, [], options);

    private static ScrapedOperator Start(string kubeconfig, string scheme, string? program, (string Name, string Value)[] environment, string[] options)
    {
        var port = FreePort.Next();
        var variables = new Dictionary<string, string>(Hurry, StringComparer.Ordinal);
        foreach (var (name, value) in environment)
            variables[name] = value;
        var process = OperatorProcess.StartProgram(
            program,
            variables,
            ["run", "--kubeconfig", kubeconfig, "--bind-address", "127.0.0.1", "--health-port", "0", "--metrics-port", $"{port}", .. options]);
        return new ScrapedOperator(process, kubeconfig, port, scheme);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        File.Delete(_kubeconfig);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
