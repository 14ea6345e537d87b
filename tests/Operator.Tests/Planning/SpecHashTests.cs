using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class SpecHashTests
{
    [Fact]
    public void A_spelled_out_default_changes_no_hash()
    {
        var silent = Inputs.Small().Spec;
        var spelled = Inputs.Small("""
            engine: {type: Auto, parallelRequests: 1, flashAttention: Enabled}
            placement: {scope: Auto, memory: {reservePerGpu: 1024Mi}}
            network: {rdma: {mode: Auto}}
            cache: {ephemeral: {}}
            """).Spec;

        Assert.Equal(Hashes(silent), Hashes(spelled));
    }

    [Fact]
    public void The_order_of_a_map_changes_no_hash()
    {
        var one = Inputs.Small("placement: {nodeSelector: {a: '1', b: '2'}}").Spec;
        var two = Inputs.Small("placement: {nodeSelector: {b: '2', a: '1'}}").Spec;

        Assert.Equal(Hashes(one), Hashes(two));
    }

    [Fact]
    public async Task Facts_that_a_newer_operator_reads_of_the_same_file_change_no_hash()
    {
        var model = await Inputs.ModelAsync(Inputs.Small());

        Assert.Equal(SpecHash.Model(model), SpecHash.Model(model with { BlockShapes = [], BlockShapeIndices = [] }));
        Assert.NotEqual(SpecHash.Model(model), SpecHash.Model(model with { TotalWeightBytes = model.TotalWeightBytes + model.TotalWeightBytes }));
    }

    // the change, whether it asks for another plan of vLLM
    [Theory]
    [InlineData("args: [--enable-prefix-caching]", "", false)]
    [InlineData("image: 'vllm/vllm-openai:latest'", "", false)]
    [InlineData("", "rdma: {mode: Auto}", false)]
    [InlineData("args: [--tensor-parallel-size, '2']", "", true)]
    [InlineData("args: [--max_num_seqs=64]", "", true)]
    [InlineData("args: [--enforce-eager]", "", true)]
    [InlineData("image: 'vllm/vllm-openai:v0.11.0'", "", true)]
    [InlineData("", "rdma: {mode: Disabled}", true)]
    [InlineData("", "rdma: {resourceName: rdma/hca}", true)]
    public void A_plan_of_vLLM_depends_on_what_its_planner_reads(string engine, string network, bool plan)
    {
        var before = Of("", "");
        var after = Of(engine, network);

        Assert.Equal(plan, SpecHash.PlanningInput(before) != SpecHash.PlanningInput(after));

        static ModelDeploymentSpec Of(string engine, string network) =>
            Inputs.Small($"engine: {{type: VLLM, {engine}}}\nnetwork: {{{network}}}", file: "acme/llama/model.safetensors").Spec;
    }

    // the network of the node or the pod's own, and whether Ray asks for another plan than vLLM's own means
    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void On_the_network_of_the_node_another_port_asks_for_another_plan(string hostNetwork, bool plan)
    {
        var native = Of("Native");
        var ray = Of("Ray");

        Assert.Equal(plan, SpecHash.PlanningInput(native) != SpecHash.PlanningInput(ray));

        ModelDeploymentSpec Of(string distribution) => Inputs.Small(
            $"engine: {{type: VLLM, distribution: {distribution}}}\nnetwork: {{hostNetwork: {hostNetwork}}}", file: "acme/llama/model.safetensors").Spec;
    }

    // the change, whether it asks for another plan, whether it asks for other pods
    [Theory]
    [InlineData("replicas: 5", false, false)]
    [InlineData("access: {service: {type: NodePort}}", false, false)]
    [InlineData("updateStrategy: {type: OnDelete}", false, false)]
    [InlineData("engine: {args: ['--verbose']}", false, true)]
    [InlineData("engine: {startupTimeout: 1h}", false, true)]
    [InlineData("podTemplate: {labels: {team: a}}", false, true)]
    [InlineData("access: {apiKeySecretRef: {name: keys}}", false, true)]
    [InlineData("engine: {contextLength: 4096}", true, true)]
    [InlineData("placement: {cpuOffload: Allowed}", true, false)]
    [InlineData("placement: {tolerations: [{operator: Exists}]}", true, true)]
    public void A_change_asks_for_what_it_touches(string change, bool plan, bool pods)
    {
        var before = Inputs.Small().Spec;
        var after = Inputs.Small(change).Spec;

        Assert.Equal(plan, SpecHash.PlanningInput(before) != SpecHash.PlanningInput(after));
        Assert.Equal(pods, SpecHash.Pods(before) != SpecHash.Pods(after));
        Assert.Equal(SpecHash.Source(before), SpecHash.Source(after));
    }

    private static string Hashes(ModelDeploymentSpec spec) => $"{SpecHash.Source(spec)} {SpecHash.PlanningInput(spec)} {SpecHash.Pods(spec)}";
}
