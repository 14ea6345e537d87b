using System.Text;
using GpuStack.EndToEnd.Cases;
using GpuStack.EndToEnd.Helm;
using GpuStack.Simulator.Hub;

namespace GpuStack.EndToEnd.Security;

/// <summary>
/// Secrets stay in Secrets: after a full run, with a model that needs a token, an API key, a token that is refused and a chart's own release, their
/// values are looked for in all that the run produced.
/// </summary>
public sealed class CanaryTests
{
    private const string Repository = "gpustack/Llama-3.3-70B-Instruct-GGUF";
    private const string Token = "hf_canaryTokenThatOpens7391";
    private const string RefusedToken = "hf_canaryTokenThatIsRefused5528";
    private const string ApiKey = "canaryApiKey-0a61f3d2";

    private static readonly string[] Canaries =
        [.. new[] { Token, RefusedToken, ApiKey }.SelectMany(secret => (string[])[secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))])];

    [Fact]
    public async Task No_secret_is_in_an_object_an_event_a_log_or_a_metric()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        await using ModelHubHost hub = await ModelHubHost.StartAsync(
            new ModelHubOptions
            {
                Directory = EndToEnd.Repository.PathOf("samples", "models"),
                GatedRepositories = new Dictionary<string, string>(StringComparer.Ordinal) { [Repository] = Token },
            },
            TestContext.Current.CancellationToken);
        int health = FreePort.Next();
        await cluster.ReleaseAsync(
            "install", HelmCluster.Chart, ["--create-namespace", .. cluster.Ports(), "--set", $"huggingFace.endpoint={hub.Url}", "--set", $"health.port={health}"]);
        await using InstalledOperator installed = await InstalledOperator.StartAsync(cluster, "--verbose");
        await cluster.Kubectl.RunAsync("create", "secret", "generic", "hub", $"--from-literal=token={Token}", $"--from-literal=apiKey={ApiKey}");
        await cluster.Kubectl.RunAsync("create", "secret", "generic", "refused", $"--from-literal=token={RefusedToken}");
        await ApplyAsync(cluster, "llama-70b", "hub", "  access: {apiKeySecretRef: {name: hub}}");
        await ApplyAsync(cluster, "denied", "refused", "");
        await cluster.Kubectl.RunAsync("wait", "mdeploy/llama-70b", "--for=condition=Ready", "--timeout=60s");
        await cluster.Kubectl.RunAsync("wait", "mdeploy/denied", "--for=condition=Stalled", "--timeout=60s");

        using HttpClient http = new();
        List<(string Where, string Text)> produced =
        [
            ("the operator's log", installed.Log),
            ("the operator's arguments", string.Join(' ', installed.Arguments)),
            ("/metrics", await http.GetStringAsync(new Uri($"http://127.0.0.1:{health}/metrics"), TestContext.Current.CancellationToken)),
            ("describe", await cluster.Kubectl.RunAsync("describe", "mdeploy,pods,sts")),
            ("the plan", await PlanAsync(cluster)),
            .. cluster.Simulated.Store.Definitions.SelectMany(definition => cluster.Simulated.Store.List(definition.Key).Items)
                .Where(stored => stored.Definition.Kind != "Secret")
                .Select(stored => ($"{stored.Definition.Kind} {stored.Namespace}/{stored.Name}", Encoding.UTF8.GetString(stored.Utf8))),
        ];

        Assert.Contains("AccessDenied", produced.Single(one => one.Where == "describe").Text, StringComparison.Ordinal);
        Assert.Contains("llama-70b", installed.Log, StringComparison.Ordinal);
        Assert.Equal([], produced.Where(one => Array.Exists(Canaries, canary => one.Text.Contains(canary, StringComparison.Ordinal))).Select(one => one.Where));
        // The search finds what is there.
        string secrets = await cluster.Kubectl.RunAsync("get", "secrets", "-o", "yaml");
        Assert.All(Canaries.Where((_, index) => index % 2 == 1), canary => Assert.Contains(canary, secrets, StringComparison.Ordinal));
    }

    private static async Task ApplyAsync(HelmCluster cluster, string name, string secret, string more)
    {
        string file = Path.GetTempFileName();
        try
        {
            string manifest = (await File.ReadAllTextAsync(new SampleCase("six-gpus").Deployment, TestContext.Current.CancellationToken))
                .Replace("name: llama-70b", $"name: {name}", StringComparison.Ordinal)
                .Replace("    huggingFace:", $"    secretRef: {{name: {secret}}}\n    huggingFace:", StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, $"{manifest.TrimEnd()}\n{more}\n", TestContext.Current.CancellationToken);
            await cluster.Kubectl.RunAsync("apply", "-f", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>What <c>plan</c> says against the cluster, where it fits and where the source refuses.</summary>
    private static async Task<string> PlanAsync(HelmCluster cluster) =>
        (await OperatorProcess.RunAgainstAsync(cluster.Kubeconfig, "plan", "-f", new SampleCase("six-gpus").Deployment, "--output", "json")).ToString();
}
