using GpuStack.Kubernetes.Models;
using GpuStack.Simulator;

namespace GpuStack.EndToEnd.Trimming;

/// <summary>What a linker leaves of the client is enough to work with. Compiling takes all processors, so it is done while no other test runs.</summary>
[Collection(nameof(PublishedPrograms))]
public sealed class PublishedProgramTests(PublishedProgram program)
{
    [Fact]
    public void It_publishes_without_a_warning()
    {
        Assert.True(program.Succeeded, program.Log);
        Assert.DoesNotContain("warning", program.Log, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_lists_watches_applies_and_informs(bool https)
    {
        Assert.True(program.Succeeded, program.Log);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        SimulatedClusterOptions options = new() { Https = https, Nodes = [Node("a", "32Gi"), Node("b", "1536Mi")] };
        await using SimulatedCluster cluster = await SimulatedCluster.StartAsync(options, cancellation);
        string kubeconfig = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(kubeconfig, cluster.KubeconfigYaml, cancellation);
            (int code, string output, string error) = await PublishedProgram.RunAsync(kubeconfig);

            Assert.True(code == 0, $"{output}\n{error}");
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Matches("^program: [0-9]+ bytes, started in [0-9]+ ms, reflection serialization off$", lines[0]);
            TestContext.Current.TestOutputHelper!.WriteLine(lines[0]);
            Assert.Equal(
                [
                    "node: a, memory 32Gi",
                    "node: b, memory 1536Mi",
                    "listed: 0 config maps",
                    "applied: trimmed one",
                    "conflict: FieldManagerConflict .data.value",
                    "watched: Added trimmed one",
                    "watched: Modified trimmed two",
                    "applied: trimmed memory 1536Mi port http",
                    "indexed: 1 of two, 0 of three",
                    "indexed: 0 of two, 1 of three",
                    "deleted: True, then gone",
                ],
                lines[1..]);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    private static V1Node Node(string name, string memory) => new()
    {
        ApiVersion = "v1",
        Kind = "Node",
        Metadata = new V1ObjectMeta { Name = name },
        Status = new V1NodeStatus { Capacity = new Dictionary<string, Quantity> { ["memory"] = memory } },
    };
}
