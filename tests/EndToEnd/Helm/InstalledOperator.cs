using System.Diagnostics;
using System.Text;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Helm;

/// <summary>
/// What the first pod of the release's Deployment would run: the program with the Deployment's own arguments and environment, and the rights
/// of its ServiceAccount.
/// </summary>
internal sealed class InstalledOperator : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _kubeconfig;
    private readonly StringBuilder _log = new();

    private InstalledOperator(Process process, string kubeconfig, IReadOnlyList<string> arguments)
    {
        (_process, _kubeconfig, Arguments) = (process, kubeconfig, arguments);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public IReadOnlyList<string> Arguments { get; }

    /// <summary>All that it wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <param name="cluster">Where the chart is installed.</param>
    /// <param name="more">Arguments beside those of the Deployment.</param>
    public static async Task<InstalledOperator> StartAsync(HelmCluster cluster, params string[] more)
    {
        var spec = cluster.Object(BuiltInResources.Deployments, HelmCluster.Release)["spec"]!["template"]!["spec"]!;
        var container = spec["containers"]![0]!;
        string kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            kubeconfig,
            cluster.Simulated.ServiceAccountKubeconfigYaml(HelmCluster.Namespace, spec["serviceAccountName"]!.GetValue<string>()),
            TestContext.Current.CancellationToken);
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["KUBECONFIG"] = kubeconfig };
        foreach (var variable in container["env"]!.AsArray())
        {
            // What the downward API would say.
            environment[variable!["name"]!.GetValue<string>()] = variable["value"]?.GetValue<string>() ?? variable["valueFrom"]!["fieldRef"]!["fieldPath"]!.GetValue<string>() switch
            {
                "metadata.namespace" => HelmCluster.Namespace,
                "metadata.name" => $"{HelmCluster.Release}-0",
                var path => throw new InvalidOperationException($"The Deployment asks for {path}."),
            };
        }

        string[] arguments = [.. container["args"]!.AsArray().Select(argument => Expand(argument!.GetValue<string>(), environment)), .. more];
        return new InstalledOperator(OperatorProcess.Start(environment, arguments), kubeconfig, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        File.Delete(_kubeconfig);
    }

    /// <summary>As the kubelet does with <c>$(NAME)</c>.</summary>
    private static string Expand(string argument, Dictionary<string, string> environment) =>
        environment.Aggregate(argument, (text, variable) => text.Replace($"$({variable.Key})", variable.Value, StringComparison.Ordinal));

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
