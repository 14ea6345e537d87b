using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

public class ServiceMonitorTests
{
    [Fact]
    public async Task Where_Prometheus_operator_is_a_deployment_is_scraped_by_its_own_Service_and_key()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await cluster.InstallServiceMonitorsAsync();
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("small", "access: {apiKeySecretRef: {name: keys, key: key}}");
        await cluster.WaitAsync("small", "Ready", "True");

        var monitor = Assert.Single(await cluster.ListAsync<V1ServiceMonitor>());
        var endpoint = Assert.Single(monitor.Spec!.Endpoints!);
        Assert.Equal(("http", "/metrics", "keys"), (endpoint.Port, endpoint.Path, endpoint.Authorization?.Credentials?.Name));
        var chosen = Assert.Single(
            await cluster.ListAsync<V1Service>(),
            service => monitor.Spec.Selector!.MatchLabels!.All(label => service.Metadata.Labels?.GetValueOrDefault(label.Key) == label.Value));
        Assert.Equal("small", chosen.Metadata.Name);
        Assert.Contains(chosen.Spec!.Ports!, port => port.Name == endpoint.Port);
    }
}
