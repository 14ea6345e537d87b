using System.Collections.Immutable;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Commands.Supervise;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Planning.Volumes;
using GpuStack.Operator.Tests.Status;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Objects;

/// <summary>What a user writes into <c>engine.args</c> reaches the engine, whatever the supervisor fills in beside it.</summary>
public sealed class UserArgumentsTests
{
    private static readonly string[] Given = ["--hf-overrides", "{\"rank\": 1}", "--chat-template", "{rank}{env:HOME}{{env:X}}", "--name=$(HOME)"];

    [Fact]
    public async Task Of_llama_cpp()
    {
        var deployment = Inputs.Small();
        deployment.Spec.Engine.Args = [.. Given];

        var set = Assert.Single(GroupObjects.Build(deployment, await Views.GroupAsync(), new OperatorSettings()).OfType<V1StatefulSet>());

        Assert.Equal(Given, Started(set).TakeLast(Given.Length));
    }

    [Theory]
    [InlineData(EngineType.VLLM, "Native")]
    [InlineData(EngineType.VLLM, "Ray")]
    [InlineData(EngineType.SGLang, "Auto")]
    public void Of_every_rank_of_the_others(EngineType engine, string distribution)
    {
        var deployment = Inputs.Deployment($$"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: big}
            spec:
              model:
                huggingFace: {repository: a/b}
              engine:
                type: {{engine}}
                distribution: {{distribution}}
                parallelism: {tensor: 4, pipeline: 2}
              access:
                apiKeySecretRef: {name: key, key: key}
            """);
        deployment.Spec.Engine.Args = [.. Given];
        var config = File.ReadAllBytes(Path.Combine(Inputs.Root, "tests", "Modeling.Tests", "cases", "configs", "Qwen--Qwen2.5-72B-Instruct.json"));
        var settings = new OperatorSettings();
        var model = new InspectedModel { Folder = TransformerModelReader.FromConfig("model", config) };
        var input = PlanningInputs.Of(deployment, model, new SnapshotVolumes(ClusterSnapshot.Read("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Node, metadata: {name: n}}]}", "empty")), priority: 0, settings);
        var plan = Planner.Plan(Inputs.Fleet(Inputs.Nodes("gpu", 2, gpus: 4)), input.Request with { MemoryOverride = Bytes.FromGiB(100) }, []);
        Assert.True(plan.Feasible, plan.Message);

        var sets = GroupObjects.Build(deployment, input.Decided(plan.Groups[0]), settings).OfType<V1StatefulSet>().ToArray();

        Assert.Equal(2, sets.Length);
        foreach (var set in sets.Where(set => distribution != "Ray" || set.Metadata.Name == "big-0"))
            Assert.Equal(Given, Started(set).TakeLast(Given.Length));
    }

    /// <summary>The command line that the supervisor starts.</summary>
    private static ImmutableArray<string> Started(V1StatefulSet set)
    {
        var arguments = set.Spec!.Template!.Spec!.Containers![0].Args!;
        return CommandPlaceholders.Fill(arguments.Skip(arguments.IndexOf("--") + 1), 1, _ => "secret");
    }
}
