using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Fetch;

/// <summary><c>fetch</c> as a process of its own, with an environment of its own.</summary>
internal sealed class FetchProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Lock _gate = new();
    private readonly Task<string> _output;

    public FetchProcess(Uri hub, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[typeof(GpuStackProgram).Assembly.Location, "fetch", "hf://owner/repo", "--to", folder, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["HF_ENDPOINT"] = hub.AbsoluteUri;
        start.Environment["HF_TOKEN"] = "hf_secret";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_gate)
                _error.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
        _output = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public int Id => _process.Id;

    public string Error
    {
        get
        {
            lock (_gate)
                return _error.ToString();
        }
    }

    /// <summary>SIGKILL: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Terminate() => Assert.Equal(0, Signal(_process.Id, 15));

    public async Task<(int Code, string Output)> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, await _output);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
