using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.Operator.Tests.Supervision;

/// <summary>The command as a process of its own: what only a process can show.</summary>
public sealed class SuperviseProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();

    public void Dispose() => _folder.Dispose();

    /// <summary>Its own streams, or pipes that are passed on.</summary>
    [Theory]
    [InlineData("LlamaCpp")]
    [InlineData("VLLM")]
    public async Task TheEngine_HasTheStreamsAndTheEnvironment_AndItsExitCodeIsTheCommands(string engine)
    {
        using var process = Start(["--no-restart", "--engine", engine, "--pod-index", "3"], "read line; echo \"got $line $MARK {rank}\"; kill -15 $$", redirectInput: true);
        await process.StandardInput.WriteLineAsync("a line");
        Assert.Equal(143, await ExitAsync(process));
        Assert.Equal("got a line here 3\n", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.All((await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("[supervise] 20", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signals_AreForwarded_AndSigtermEndsWithZero()
    {
        using var process = Start([], $"trap 'touch {_folder.File("hup")}' HUP; trap 'touch {_folder.File("term")}; exit 5' TERM; touch {_folder.File("armed")}; while :; do sleep 0.05; done");
        await _folder.UntilExistsAsync("armed");
        PosixProcess.Signal(process.Id, PosixProcess.SigHup);
        await _folder.UntilExistsAsync("hup");
        PosixProcess.Signal(process.Id, PosixProcess.SigTerm);
        Assert.Equal(0, await ExitAsync(process));
        Assert.True(File.Exists(_folder.File("term")));
    }

    [Fact]
    public async Task WhatTheEngineLeavesBehind_IsReaped_AndEndedWithIt()
    {
        // A grandchild that outlives its parent, one that ends by itself, and an engine that then crashes once.
        var script = $"""
            (sleep 1000 & echo $! > {_folder.File("left")}; sh -c 'exit 3' & echo $! > {_folder.File("zombie")})
            if [ -e {_folder.File("again")} ]; then touch {_folder.File("second")}; exec sleep 1000; fi
            touch {_folder.File("started")}
            while [ ! -e {_folder.File("again")} ]; do sleep 0.01; done
            exit 1
            """;
        using var process = Start([], script);
        await _folder.UntilExistsAsync("started");
        var (left, zombie) = (await PidAsync("left"), await PidAsync("zombie"));
        await UntilAsync(() => ProcessStat.Read(zombie) is null);
        Assert.Equal(process.Id, ProcessStat.Read(left)!.Parent);
        await File.WriteAllTextAsync(_folder.File("again"), "", TestContext.Current.CancellationToken);
        await _folder.UntilExistsAsync("second");
        Assert.Null(ProcessStat.Read(left));
        var second = await PidAsync("left");
        PosixProcess.Signal(process.Id, PosixProcess.SigTerm);
        Assert.Equal(0, await ExitAsync(process));
        Assert.Null(ProcessStat.Read(second));
    }

    /// <summary>The program, its option and the folder of the host; /proc takes no folder, of root neither.</summary>
    [Theory]
    [InlineData("cache", "-c\n", null)]
    [InlineData("/proc/1/cache", "/bin/sh\n", "tensors are not cached: /proc/1/cache/rpc cannot be written to (")]
    public async Task ATensorCache_IsUsedWhereItCanBeWrittenTo(string folder, string added, string? note)
    {
        var path = Path.Combine(_folder.File("x"), "..", folder);
        Directory.CreateDirectory(_folder.File("x"));
        // What is added to the command is the script's name.
        using var process = Start(["--tensor-cache", path], $"echo $0 > {_folder.File("arguments.new")}; mv {_folder.File("arguments.new")} {_folder.File("arguments")}; exec sleep 1000");
        await _folder.UntilExistsAsync("arguments");
        Assert.Equal(added, await File.ReadAllTextAsync(_folder.File("arguments"), TestContext.Current.CancellationToken));
        using var http = new HttpClient();
        var status = await http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/status"), TestContext.Current.CancellationToken);
        PosixProcess.Signal(process.Id, PosixProcess.SigTerm);
        Assert.Equal(0, await ExitAsync(process));
        using var document = JsonDocument.Parse(status);
        var said = document.RootElement.TryGetProperty("note", out var text) ? text.GetString() : null;
        var log = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(note is not null, log.Contains("tensors are not cached", StringComparison.Ordinal));
        if (note is null)
            Assert.Null(said);
        else
            Assert.StartsWith(note, said, StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(_folder.File("cache")) ? Directory.GetFiles(_folder.File("cache"), "*", SearchOption.AllDirectories) : []);
    }

    [Theory]
    [InlineData("--drain", "soon", "--drain: 'soon' is no duration of at most 30 days; give one like 25s, 2m or 1h.")]
    [InlineData("--rpc-version", "3.6", "--rpc-version: '3.6' is no version from 4.0 on; give one like 8.0.")]
    [InlineData("--worker", "a:1", "--worker is given to a worker; give it to the leader alone.")]
    [InlineData("--stuck-after", "0s", "--stuck-after must be longer than nothing; give one like 120s.")]
    public async Task AWrongOption_IsSaid(string option, string value, string message)
    {
        using var process = Start([option, value], "exit 0");
        Assert.Equal(2, await ExitAsync(process));
        Assert.Equal($"{message}\n", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task TheProgramOfSeveralFiles_DoesNotCopyItself()
    {
        using var process = Start(["--copy-to", _folder.File("bin")], "exit 0");
        Assert.Equal(2, await ExitAsync(process));
        Assert.StartsWith("--copy-to needs the program as a single file", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("bin")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<int> ExitAsync(Process process)
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TimeProvider.System);
        return process.ExitCode;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    private async Task<int> PidAsync(string file) =>
        int.Parse(await File.ReadAllTextAsync(_folder.File(file), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);

    private Process Start(string[] options, string script, bool redirectInput = false)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MARK"] = "here" },
        };
        string[] arguments =
        [
            typeof(PosixProcess).Assembly.Location, "supervise", "--role", "Worker", "--status-address", "127.0.0.1", "--status-port", $"{_port}",
            .. options, "--", "/bin/sh", "-c", script,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
