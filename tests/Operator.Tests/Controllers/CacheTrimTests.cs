using System.Text;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Tests.Controllers;

public sealed class CacheTrimTests
{
    private const string OnHost = """
        {"metadata":{"name":"proxy","namespace":"web"},"spec":{"nodeName":"n","hostNetwork":true,"containers":[
          {"name":"c","image":"x","ports":[{"name":"api","containerPort":8000,"protocol":"TCP"},{"containerPort":50053,"protocol":"UDP"}]}]}}
        """;

    private const string WithHostPort = """
        {"metadata":{"name":"proxy","namespace":"web"},"spec":{"nodeName":"n","containers":[
          {"name":"c","ports":[{"containerPort":80,"hostPort":8000},{"containerPort":6379}]}]}}
        """;

    private const string Usual = """
        {"metadata":{"name":"web","namespace":"web"},"spec":{"nodeName":"n","containers":[{"name":"c","ports":[{"containerPort":8000}]}]}}
        """;

    [Theory]
    [InlineData(OnHost, 2)]
    [InlineData(WithHostPort, 1)]
    [InlineData(Usual, 0)]
    public async Task The_ports_of_a_pod_are_kept_only_where_they_are_its_nodes(string json, int kept)
    {
        var pod = await ReadAsync(json);

        CacheTrim.Pod(pod);

        Assert.Equal(kept, pod.Spec!.Containers![0].Ports?.Count ?? 0);
        Assert.Equal(kept > 0 ? [8000] : [], FleetFacts.From(pod)!.HostPorts.Select(port => port.Port));
    }

    /// <summary>As the informer reads it: what the projection leaves.</summary>
    private static async Task<V1Pod> ReadAsync(string json)
    {
        using var client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://localhost") },
            new KubernetesJson(),
            new Answer($$"""{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{{json}}]}"""));
        var list = await client.ListAsync<V1Pod>(options: new ListOptions { Projection = CacheTrim.PodFields }, cancellationToken: TestContext.Current.CancellationToken);
        return Assert.Single(list.Items);
    }

    private sealed class Answer(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
