using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>The built operator, started as in an image: <c>gpustack-operator run</c>.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly Task _log;

    private OperatorProcess(Process process, int port, string? logFile)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")) };
        _log = DrainAsync(logFile);
    }

    /// <summary>From the process's start to its first answer that it is ready.</summary>
    public double ReadySeconds { get; private set; }

    /// <summary>What it took so far.</summary>
    public ProcessUsage Usage => ProcessUsage.Of(_process);

    /// <summary>Starts the operator against a cluster and waits until it is ready.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="arguments"><c>program</c> (the operator's, where not the built one), <c>workers</c>, <c>operator-log</c> (a file) and <c>operator-environment</c> (<c>NAME=VALUE;…</c>).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">It ended.</exception>
    public static async Task<OperatorProcess> StartAsync(ClusterProcess cluster, BenchmarkArguments arguments, CancellationToken cancellationToken)
    {
        int port = FreePort();
        string program = arguments.Optional("program") ?? RepositoryFolder.OperatorProgram;
        bool isLibrary = Path.GetExtension(program) == ".dll";
        string[] run =
        [
            .. isLibrary ? [program] : Array.Empty<string>(), "run", "--kubeconfig", cluster.Kubeconfig, "--bind-address", "127.0.0.1",
            "--health-port", port.ToString(CultureInfo.InvariantCulture), "--hugging-face-endpoint", cluster.Hub,
            .. arguments.Optional("workers") is { } workers ? ["--workers", workers] : Array.Empty<string>(),
        ];
        var start = new ProcessStartInfo(isLibrary ? "dotnet" : program, run) { UseShellExecute = false, RedirectStandardError = true };
        foreach (string pair in (arguments.Optional("operator-environment") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            start.Environment[pair[..equals]] = pair[(equals + 1)..];
        }

        long started = TimeProvider.System.GetTimestamp();
        var process = new OperatorProcess(Process.Start(start)!, port, arguments.Optional("operator-log"));
        await process.ReadyAsync(cancellationToken);
        process.ReadySeconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        return process;
    }

    /// <summary>Requests to the API server so far, by verb, and reconciliations as <c>reconcile</c>.</summary>
    public async Task<IReadOnlyDictionary<string, double>> CountsAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        string metrics = await _http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellationToken);
        foreach (string line in metrics.Split('\n'))
        {
            string? name = line.StartsWith("rest_client_requests_total{", StringComparison.Ordinal) ? Label(line, "method")
                : line.StartsWith("controller_runtime_reconcile_total{", StringComparison.Ordinal) ? "reconcile"
                : null;
            if (name is not null)
            {
                double value = double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
                counts[name] = counts.GetValueOrDefault(name) + value;
            }
        }

        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _log;
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Label(string line, string label)
    {
        int at = line.IndexOf($"{label}=\"", StringComparison.Ordinal) + label.Length + 2;
        return line[at..line.IndexOf('"', at)].ToLowerInvariant();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_process.HasExited)
            {
                throw new IOException("The operator ended before it was ready; see its log with --operator-log FILE.");
            }

            try
            {
                using HttpResponseMessage answer = await _http.GetAsync(new Uri("readyz", UriKind.Relative), cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(s_look, TimeProvider.System, cancellationToken);
        }
    }

    private async Task DrainAsync(string? logFile)
    {
        await using Stream log = logFile is null ? Stream.Null : File.Create(logFile);
        await _process.StandardError.BaseStream.CopyToAsync(log);
    }
}
