using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Yaml;
using System.Text.Json;

namespace GpuStack.EndToEnd.Reconciliation;

public class ServiceMonitorTests
{
    private const string Crd = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: servicemonitors.monitoring.coreos.com}
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {kind: ServiceMonitor, listKind: ServiceMonitorList, plural: servicemonitors, singular: servicemonitor}
          versions:
            - name: v1
              served: true
              storage: true
              schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """;

    [Fact]
    public async Task Where_Prometheus_operator_is_a_deployment_is_scraped_by_its_own_Service_and_key()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        var crd = YamlReader.Read(Crd, "crd")!.Deserialize(new KubernetesJson().TypeInfo<V1CustomResourceDefinition>())!;
        await cluster.Client.ApplyAsync(crd, new ApplyOptions("test", force: true), TestContext.Current.CancellationToken);
        await cluster.WaitForAsync<V1CustomResourceDefinition>(
            crd.Metadata.Name!, seen => seen.Status?.Conditions?.Exists(condition => condition is { Type: "Established", Status: "True" }) is true, "");
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
