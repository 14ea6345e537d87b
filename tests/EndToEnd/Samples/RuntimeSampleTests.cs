using System.Text.RegularExpressions;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator;
using GpuStack.Simulator.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.EndToEnd.Samples;

/// <summary>The example of docs/guides/runtime.md: the guide shows it as it is, and it does what the guide says.</summary>
public sealed partial class RuntimeSampleTests : IAsyncLifetime
{
    private static readonly ResourceKey Sets = new("apps", "statefulsets");
    private static readonly ResourceKey ConfigMaps = new("", "configmaps");

    private readonly CancellationTokenSource _stop = new();
    private SimulatedCluster _cluster = null!;
    private KubernetesClient _client = null!;
    private Task _run = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _cluster = await SimulatedCluster.StartAsync(new SimulatedClusterOptions(), TestContext.Current.CancellationToken);
        _client = new KubernetesClient(KubernetesClientConfiguration.FromText(_cluster.KubeconfigYaml), new KubernetesJson());
        _run = Peers.Program.RunAsync(_client, NullLoggerFactory.Instance, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);
        _client.Dispose();
        await _cluster.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task What_the_guide_shows_is_the_sample()
    {
        string guide = await File.ReadAllTextAsync(Repository.PathOf("docs", "guides", "runtime.md"), TestContext.Current.CancellationToken);
        MatchCollection blocks = CodeBlock().Matches(guide);

        Assert.Equal(["samples/runtime/PeersController.cs", "samples/runtime/Program.cs"], blocks.Select(block => block.Groups["file"].Value));
        foreach (Match block in blocks)
        {
            string file = await File.ReadAllTextAsync(Repository.PathOf(block.Groups["file"].Value), TestContext.Current.CancellationToken);
            Assert.Equal(file, block.Groups["code"].Value);
        }
    }

    [Fact]
    public async Task The_sample_keeps_the_host_names_of_each_set()
    {
        await CreateAsync("web", "web", replicas: 2);
        await HostsAsync("web-peers", "web-0.web\nweb-1.web");

        // A change of the object, of the child, and the child's end: each brings the object back.
        await _client.MergePatchAsync<V1StatefulSet>("web", "default", new System.Text.Json.Nodes.JsonObject { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["replicas"] = 1 } }, Cancellation());
        await HostsAsync("web-peers", "web-0.web");
        string uid = (await _client.GetAsync<V1ConfigMap>("web-peers", "default", Cancellation()))!.Metadata.Uid!;
        await _client.DeleteAsync<V1ConfigMap>("web-peers", "default", cancellationToken: Cancellation());
        await _cluster.WaitAsync(ConfigMaps, "default", "web-peers", map => map.Uid != uid, Cancellation());
        await HostsAsync("web-peers", "web-0.web");
        await EventAsync("PeersWritten");
    }

    [Fact]
    public async Task The_sample_lets_go_of_a_set_that_is_deleted_and_its_child_goes_with_it()
    {
        await CreateAsync("web", "web", replicas: 1);
        await HostsAsync("web-peers", "web-0.web");
        V1StatefulSet set = (await _client.GetAsync<V1StatefulSet>("web", "default", Cancellation()))!;
        Assert.Equal(["example.com/peers"], set.Metadata.Finalizers);
        await _client.DeleteAsync<V1StatefulSet>("web", "default", cancellationToken: Cancellation());

        await GoneAsync<V1StatefulSet>("web");
        await GoneAsync<V1ConfigMap>("web-peers");
        await EventAsync("PeersReleased");
    }

    [Fact]
    public async Task The_sample_gives_up_on_a_set_without_a_service_until_it_changes()
    {
        await CreateAsync("bare", null, replicas: 1);
        await CreateAsync("web", "web", replicas: 1);
        await HostsAsync("web-peers", "web-0.web");
        await _cluster.WaitAsync(Sets, "default", "bare", set => set.Body["metadata"]?["finalizers"] is not null, Cancellation());

        Assert.Null(await _client.GetAsync<V1ConfigMap>("bare-peers", "default", Cancellation()));
    }

    [GeneratedRegex("""^<!-- (?<file>[^ ]+) -->\n```csharp\n(?<code>.*?)^```$""", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex CodeBlock();

    private static CancellationToken Cancellation() => TestContext.Current.CancellationToken;

    private Task<V1StatefulSet> CreateAsync(string name, string? service, int replicas) => _client.CreateAsync(
        new V1StatefulSet
        {
            Metadata = { Name = name, Namespace = "default" },
            Spec = new V1StatefulSetSpec
            {
                Replicas = replicas,
                ServiceName = service,
                Selector = new V1LabelSelector { MatchLabels = new() { ["app"] = name } },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new() { ["app"] = name } },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "example.com/main" }] },
                },
            },
        },
        Cancellation());

    private async Task HostsAsync(string name, string hosts)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30), TimeProvider.System);
        StoredObject map = await _cluster.WaitAsync(ConfigMaps, "default", name, map => map.Body["data"]?["hosts"]?.GetValue<string>() == hosts, limit.Token);
        Assert.Equal("StatefulSet", map.Body["metadata"]!["ownerReferences"]![0]!["kind"]!.GetValue<string>());
    }

    private async Task GoneAsync<T>(string name)
        where T : class, IKubernetesObject
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (await _client.GetAsync<T>(name, "default", limit.Token) is not null)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
    }

    private async Task EventAsync(string reason)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!(await _client.ListAsync<EventsV1Event>("default", cancellationToken: limit.Token)).Items.Exists(e => e.Reason == reason))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
    }
}
