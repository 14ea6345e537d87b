using System.Net;
using System.Net.Sockets;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Operator.Tests.Hosting;

public class OperatorHostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_cluster_does_not_answer_the_operator_is_alive_but_not_ready()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new KubernetesClient(
            KubernetesClientConfiguration.FromText("""
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
                users: [{name: u, user: {}}]
                """),
            new KubernetesJson(),
            new Silence(asked));
        using var stop = new CancellationTokenSource();
        using var http = new HttpClient();
        var port = FreePort();
        var settings = new OperatorSettings { BindAddress = IPAddress.Loopback, HealthPort = port };
        var run = OperatorHost.RunAsync(client, settings, TimeProvider.System, NullLoggerFactory.Instance, stop.Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/healthz"), Token));
        using var ready = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), Token);
        Assert.Equal(HttpStatusCode.InternalServerError, ready.StatusCode);
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/healthz"), Token));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A server that takes requests and never answers.</summary>
    private sealed class Silence(TaskCompletionSource asked) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("never");
        }
    }
}
