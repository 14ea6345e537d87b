using System.Diagnostics;
using System.Text.RegularExpressions;
using GpuStack.EndToEnd.Cases;

namespace GpuStack.EndToEnd.Kubectl;

/// <summary>A demo held up by <c>--hold</c>, with the kubeconfig that it printed.</summary>
public sealed partial class HeldDemo : IAsyncLifetime
{
    private Process? _process;
    private string? _kubeconfig;

    internal KubectlTool Kubectl { get; private set; } = null!;

    /// <summary>The file that leads to its cluster.</summary>
    internal string Kubeconfig => _kubeconfig!;

    public async ValueTask InitializeAsync()
    {
        string? program = KubectlTool.Find();
        Assert.SkipWhen(program is null, "kubectl is not installed; ./test brings it");

        SampleCase sample = new("six-gpus");
        _process = OperatorProcess.Start("demo", "--hold", "--fleet", sample.Fleet, "--deployment", sample.Deployment);
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (KubeconfigLine().Match(line) is { Success: true } match)
            {
                _kubeconfig = match.Groups["path"].Value;
                break;
            }
        }

        Assert.NotNull(_kubeconfig);
        Kubectl = new KubectlTool(program!, _kubeconfig);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
    }

    [GeneratedRegex(@"KUBECONFIG=(?<path>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KubeconfigLine();
}
