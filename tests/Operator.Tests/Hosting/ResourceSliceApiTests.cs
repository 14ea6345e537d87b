using System.Net;
using System.Text;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Tests.Hosting;

public class ResourceSliceApiTests
{
    [Theory]
    [InlineData(200, 404, ResourceSliceVersion.V1)]
    [InlineData(404, 200, ResourceSliceVersion.V1beta1)]
    [InlineData(404, 404, ResourceSliceVersion.None)]
    [InlineData(403, 403, ResourceSliceVersion.None)]
    internal async Task The_newest_version_that_is_served_and_allowed_is_taken(int v1, int v1beta1, ResourceSliceVersion expected)
    {
        using var client = Client(path => path.Contains("/v1/", StringComparison.Ordinal) ? v1 : v1beta1);

        Assert.Equal(expected, await ResourceSliceApi.FindAsync(client, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_that_fails_is_no_server_without_the_API()
    {
        using var client = Client(_ => 500);

        await Assert.ThrowsAsync<KubernetesException>(() => ResourceSliceApi.FindAsync(client, TestContext.Current.CancellationToken));
        Assert.Equal(
            ResourceSliceVersion.None,
            (await ClusterApis.FindPatientlyAsync(client, [], TimeSpan.Zero, TimeProvider.System, TestContext.Current.CancellationToken)).Slices);
    }

    [Fact]
    public async Task A_server_that_answers_late_is_waited_for()
    {
        var calls = 0;
        using var client = Client(_ => calls++ == 0 ? 503 : 200);

        Assert.Equal(
            ResourceSliceVersion.V1,
            (await ClusterApis.FindPatientlyAsync(client, [], TimeSpan.FromMinutes(1), TimeProvider.System, TestContext.Current.CancellationToken)).Slices);
    }

    private static KubernetesClient Client(Func<string, int> status) => new(
        KubernetesClientConfiguration.FromText("""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: u, user: {}}]
            """),
        new KubernetesJson(),
        new Answers(status));

    private sealed class Answers(Func<string, int> status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var code = status(request.RequestUri!.AbsolutePath);
            return Task.FromResult(new HttpResponseMessage((HttpStatusCode)code)
            {
                Content = new StringContent(
                    code == 200 ? """{"items":[]}""" : $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","code":{{code}}}""", Encoding.UTF8, "application/json"),
            });
        }
    }
}
