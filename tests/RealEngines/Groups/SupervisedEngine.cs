using System.Diagnostics;
using System.Text.Json;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Status;
using GpuStack.RealEngines.Programs;

namespace GpuStack.RealEngines.Groups;

/// <summary><c>supervise</c> as a process of its own, with a real engine in it.</summary>
internal sealed class SupervisedEngine : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Uri _address;

    private SupervisedEngine(string name, Process process, Uri address)
    {
        Name = name;
        _process = process;
        _address = address;
        Log.Follow(process);
    }

    public string Name { get; }

    public int SupervisorId => _process.Id;

    public BoundedLog Log { get; } = new();

    /// <param name="name">For messages.</param>
    /// <param name="program">The operator's program, as words.</param>
    /// <param name="command">What to supervise, and how.</param>
    /// <param name="path">PATH of supervisor and engine.</param>
    /// <param name="address">Where it will answer.</param>
    public static SupervisedEngine Start(string name, IReadOnlyList<string> program, PodCommand command, string path, Uri address)
    {
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), "supervise", .. command.Supervise, "--", .. command.Engine])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PATH"] = path,
                // It does not look for a debugger when it aborts, which images have none of.
                ["GGML_NO_BACKTRACE"] = "1",
            },
        };
        return new SupervisedEngine(name, Process.Start(start)!, address);
    }

    /// <summary>Null while nothing answers.</summary>
    public async Task<StatusDocument?> StatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            var body = await _http.GetByteArrayAsync(new Uri(_address, "/status"), cancellationToken);
            return JsonSerializer.Deserialize(body, StatusJsonContext.Default.StatusDocument);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What the kubelet's readiness probe would see.</summary>
    public async Task<bool> ReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(_address, "/readyz"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The first status that fulfils a condition.</summary>
    /// <exception cref="TimeoutException">None did; the message ends with what the processes wrote.</exception>
    public async Task<StatusDocument> UntilAsync(Func<StatusDocument, bool> condition, string what, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = await StatusAsync(cancellationToken);
            if (status is not null && condition(status))
                return status;
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"{Name} was not seen {what}; its status is {status}, and it wrote:\n{Log}");
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    public Task<StatusDocument> RunningAsync(CancellationToken cancellationToken) =>
        UntilAsync(status => status is { State: "Running", Engine.Running: true }, "running", cancellationToken);

    /// <summary>Sends a signal to the engine, not to its supervisor.</summary>
    public static void Signal(StatusDocument status, int signal)
    {
        if (status.Engine.Pid is not { } pid || !PosixProcess.Signal(pid, signal))
            throw new InvalidOperationException($"No engine was there for signal {signal}.");
    }

    public void Dispose()
    {
        // With the engine, which may be frozen.
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
    }
}
