using System.Diagnostics;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.RealEngines.Programs;

namespace GpuStack.RealEngines.Tests.Commands;

/// <summary>llama-server connects to the endpoints of <c>--rpc</c> while it reads its arguments, so one must be there; it can stand for all.</summary>
public sealed class RpcServer : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("real-engines-");
    private Process? _process;

    internal string Programs { get; private set; } = "";

    internal string Endpoint { get; private set; } = "";

    internal string Cache => Path.Combine(_folder.FullName, "cache");

    public async ValueTask InitializeAsync()
    {
        Programs = await LlamaPrograms.BringAsync(TestContext.Current.CancellationToken);
        var port = Ports.Free();
        Endpoint = $"127.0.0.1:{port}";
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", Path.Combine(Programs, LlamaServerArguments.WorkerProgram), "-H", "127.0.0.1", "-p", $"{port}"]));
        await Ports.ListenAsync(port, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.Dispose();
        }
        _folder.Delete(recursive: true);
    }
}
