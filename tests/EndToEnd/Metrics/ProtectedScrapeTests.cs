using System.Net;
using System.Net.Http.Headers;
using GpuStack.EndToEnd.Access;
using GpuStack.EndToEnd.Kubectl;
using GpuStack.Simulator;

namespace GpuStack.EndToEnd.Metrics;

/// <summary>Metrics that are for those alone whom the cluster's roles let read them: with service accounts' tokens and the shipped role.</summary>
public sealed class ProtectedScrapeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_a_token_with_the_role_metrics_reader_is_let_in_and_no_token_is_logged()
    {
        var program = KubectlTool.Find();
        Assert.SkipWhen(program is null, "kubectl is not installed; ./test brings it");
        await using var cluster = await SimulatedCluster.StartAsync(new SimulatedClusterOptions { Https = true, EvaluateAccess = true }, Cancellation);
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, cluster.KubeconfigYaml, Cancellation);
        var kubectl = new KubectlTool(program!, kubeconfig);
        await kubectl.RunAsync("apply", "--server-side", "-f", Repository.PathOf("config", "crd", "inference.gpustack.io_modeldeployments.yaml"));
        var own = Path.GetTempFileName();
        await File.WriteAllTextAsync(own, OperatorAccess.Install(cluster, "metrics_auth_role.yaml", "metrics_auth_role_binding.yaml", "metrics_reader_role.yaml"), Cancellation);
        foreach (var account in new[] { "prometheus", "stranger" })
            await kubectl.RunAsync("create", "serviceaccount", account, "-n", "default");
        using (var binding = new ManifestFile("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: prometheus}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gpustack-operator-metrics-reader}
            subjects: [{kind: ServiceAccount, name: prometheus, namespace: default}]
            """))
            await kubectl.RunAsync("apply", "-f", binding.Path);
        var token = (await kubectl.RunAsync("create", "token", "prometheus", "-n", "default")).Trim();
        var stranger = (await kubectl.RunAsync("create", "token", "stranger", "-n", "default")).Trim();

        File.Delete(kubeconfig);
        await using var run = ScrapedOperator.Start(own, "https", "--metrics-auth", "--verbose");
        var scrape = await LetInAsync(run, token);

        Assert.Contains("gpustack_build_info{", scrape, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(run, stranger)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(run, "made-up")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(run, null)).Status);
        Assert.NotEqual("", run.Log);
        Assert.All(new[] { token, stranger, "made-up" }, secret => Assert.DoesNotContain(secret, run.Log, StringComparison.Ordinal));
        OperatorAccess.AssertNothingWasRefused(cluster);
        Assert.Empty(RoleFile.Read("metrics_auth_role.yaml").Unused(cluster.Access));
        Assert.Empty(RoleFile.Read("metrics_reader_role.yaml").Unused(cluster.Access));
    }

    private static async Task<string> LetInAsync(ScrapedOperator run, string token)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!limit.IsCancellationRequested)
        {
            try
            {
                var (status, body) = await GetAsync(run, token);
                Assert.True(status == HttpStatusCode.OK, $"{status}: {body}\n{run.Log}");
                // It listens before it has composed what is measured.
                if (body.Contains("gpustack_build_info{", StringComparison.Ordinal))
                    return body;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
        Assert.Fail($"Nobody answers at {run.Address}.\n{run.Log}");
        return "";
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(ScrapedOperator run, string? token)
    {
#pragma warning disable MA0039 // Nobody signed the operator's own certificate; scrapers are told so as well.
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
#pragma warning restore MA0039
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, run.Address);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
