using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Demo;

namespace GpuStack.Operator.Tests.Demo;

public sealed class DemoFilesTests
{
    private const string Deployment = """
        apiVersion: inference.gpustack.io/v1alpha1
        kind: ModelDeployment
        metadata: {name: NAME}
        spec: {model: {huggingFace: {repository: gpustack/a, file: a.gguf}}}
        """;

    private static readonly V1Node[] Nodes = [new() { Metadata = new V1ObjectMeta { Name = "gpu-0" } }];

    [Fact]
    public async Task Events_are_read_with_what_they_wait_for()
    {
        var events = await ReadAsync("""
            - {do: nodeDown, node: gpu-0}
            - {after: 1m30s, do: nodeUp, node: gpu-0}
            - {after: Planned=False, do: drain, node: gpu-0}
            - {after: second/Ready, do: delete, name: second, namespace: team}
            - {after: Ready, do: podFail, name: a-0-0}
            """);

        Assert.Equal([DemoAction.NodeDown, DemoAction.NodeUp, DemoAction.Drain, DemoAction.Delete, DemoAction.PodFail], events.Select(e => e.Action));
        Assert.Equal(TimeSpan.Zero, events[0].After.Delay);
        Assert.Equal(TimeSpan.FromSeconds(90), events[1].After.Delay);
        Assert.Equal(new DemoTrigger(TimeSpan.Zero, null, "Planned", "False"), events[2].After);
        Assert.Equal(new DemoTrigger(TimeSpan.Zero, "second", "Ready", "True"), events[3].After);
        Assert.Equal("team", events[3].Namespace);
    }

    [Theory]
    [InlineData("{a: 1}", "expected a list")]
    [InlineData("[1]", "[0]: expected an event")]
    [InlineData("[{after: Ready}]", "[0].do: is required")]
    [InlineData("[{do: explode, node: gpu-0}]", "none of nodeDown")]
    [InlineData("[{do: nodeDown, node: gpu-7}]", "no node 'gpu-7'")]
    [InlineData("[{do: nodeDown, nodes: gpu-0}]", "[0].nodes: is no field")]
    [InlineData("[{after: soon, do: nodeDown, node: gpu-0}]", "neither a duration")]
    [InlineData("[{after: -1s, do: nodeDown, node: gpu-0}]", "neither a duration")]
    public async Task A_wrong_events_file_is_refused_in_one_sentence(string text, string because)
    {
        var refusal = await Assert.ThrowsAsync<ManifestException>(() => ReadAsync(text));

        Assert.StartsWith("events.yaml: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_to_apply_must_exist() =>
        await Assert.ThrowsAsync<InputException>(() => ReadAsync("[{do: apply, file: none.yaml}]"));

    [Fact]
    public void A_deployment_file_may_hold_several_and_errors_keep_their_lines()
    {
        var text = $"# first\n{Deployment.Replace("NAME", "a", StringComparison.Ordinal)}\n---\n{Deployment.Replace("NAME", "b", StringComparison.Ordinal)}\n";

        var deployments = DemoInput.ReadDeployments(text, "d.yaml");

        Assert.Equal(["a", "b"], deployments.Select(d => d.Metadata.Name));
        Assert.All(deployments, d => Assert.Equal("default", d.Metadata.Namespace));
        var refusal = Assert.Throws<ManifestException>(() => DemoInput.ReadDeployments(text + "  extra: 1\n", "d.yaml"));
        Assert.Contains("d.yaml:", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<DemoEvent>> ReadAsync(string text) =>
        DemoEventsFile.ReadAsync(text, "events.yaml", Nodes, TestContext.Current.CancellationToken);
}
