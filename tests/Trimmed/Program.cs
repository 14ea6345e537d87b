using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Trimmed;

// Goes once through what a trimmed program must still be able to do, against the cluster of KUBECONFIG, and says what it saw.
Console.WriteLine(Startup.Describe());
using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
using var client = new KubernetesClient(KubernetesClientConfiguration.Load(), new KubernetesJson());
try
{
    await new Tour(client, Console.Out).RunAsync(limit.Token);
    return 0;
}
catch (Exception failure) when (failure is KubernetesException or HttpRequestException or OperationCanceledException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync(failure.ToString());
    return 1;
}
