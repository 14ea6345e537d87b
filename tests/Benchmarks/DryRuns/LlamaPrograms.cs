using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace GpuStack.Benchmarks.DryRuns;

/// <summary>The real llama.cpp programs in a folder that they see as their root, with RPC workers that play the devices.</summary>
internal sealed class LlamaPrograms : IAsyncDisposable
{
    /// <summary>Where the programs find models, within their folder.</summary>
    public const string ModelFolder = "models";

    private static readonly TimeSpan WorkerStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly List<(Process Process, string Endpoint)> _workers = [];
    private readonly int _port = FreePort();

    private LlamaPrograms(string folder) => _folder = folder;

    /// <summary>Starts the workers.</summary>
    /// <exception cref="IOException">The folder has no such programs, or they do not start.</exception>
    public static async Task<LlamaPrograms> StartAsync(string folder, int devices, CancellationToken cancellationToken)
    {
        string worker = Directory.EnumerateFiles(Path.Combine(folder, "usr"), "ggml-rpc-server", SearchOption.AllDirectories).FirstOrDefault()
            ?? throw new IOException($"{folder} has no ggml-rpc-server; scripts/get-llama.sh brings the programs.");
        var programs = new LlamaPrograms(folder);
        try
        {
            for (int i = 0; i < devices; i++)
            {
                int port = FreePort();
                programs._workers.Add((
                    programs.Run("/" + Path.GetRelativePath(folder, worker), ["-H", "127.0.0.1", "-p", Text(port), "-t", "1"]),
                    string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
                await WaitForAsync(port, cancellationToken);
            }

            return programs;
        }
        catch
        {
            await programs.DisposeAsync();
            throw;
        }
    }

    /// <summary>One dry pass of llama-server: it is ended as soon as it has said what it would take.</summary>
    public async Task<DryRunReport> AskAsync(string model, DryRun run, int gpuLayers, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-m", $"/{ModelFolder}/{model}.gguf", "--host", "127.0.0.1", "--port", Text(_port),
            "-fit", "on", "--no-warmup", "-v", "-t", "2", "--rpc", string.Join(',', _workers.Take(run.Split.Length).Select(worker => worker.Endpoint)),
            .. run.Arguments(gpuLayers),
        ];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        using Process server = Run("llama-server", arguments);
        var lines = Channel.CreateUnbounded<string>();
        Task pumps = PumpAsync(server, lines.Writer, limit.Token);
        var report = new DryRunReport();
        try
        {
            await foreach (string line in lines.Reader.ReadAllAsync(limit.Token))
            {
                report.Read(line);
                if (report.Complete)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It hangs: what it has not reported by now it never will.
        }
        finally
        {
            await EndAsync(server);
            await pumps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return report;
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((Process process, _) in _workers)
        {
            await EndAsync(process);
            process.Dispose();
        }
    }

    private Process Run(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("chroot", [_folder, program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })
        ?? throw new IOException($"chroot {_folder} {program} does not start.");

    private static async Task PumpAsync(Process process, ChannelWriter<string> lines, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(PumpAsync(process.StandardOutput, lines, cancellationToken), PumpAsync(process.StandardError, lines, cancellationToken));
        }
        finally
        {
            lines.Complete();
        }
    }

    private static async Task PumpAsync(StreamReader reader, ChannelWriter<string> lines, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.TryWrite(line);
        }
    }

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None);
    }

    private static async Task WaitForAsync(int port, CancellationToken cancellationToken)
    {
        for (long start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < WorkerStart;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Poll, TimeProvider.System, cancellationToken);
            }
        }

        throw new IOException("A worker does not listen; run it by hand to see why.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
