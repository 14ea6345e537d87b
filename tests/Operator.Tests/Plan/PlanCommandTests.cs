using System.Text.Json.Nodes;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Plan;

public sealed class PlanCommandTests : IDisposable
{
    private static readonly string Samples = Path.Combine(RepositoryRoot(), "samples");
    private static readonly string Llama8B =
        Path.Combine(Samples, "models", "gpustack", "Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf");

    private const string Deployment =
        """
        apiVersion: inference.gpustack.io/v1alpha1
        kind: ModelDeployment
        metadata: {name: llama-8b}
        spec: {model: {url: {url: "https://models.example.com/llama.gguf"}}}
        """;

    private const string Node =
        """
        apiVersion: v1
        kind: List
        items:
        - apiVersion: v1
          kind: Node
          metadata:
            name: gpu-0
            labels: {nvidia.com/gpu.product: NVIDIA-L4, nvidia.com/gpu.memory: "23034", nvidia.com/gpu.count: "1"}
          status:
            allocatable: {cpu: "16", memory: 64Gi, pods: "110", nvidia.com/gpu: "1"}
            conditions: [{type: Ready, status: "True"}]
        """;

    private const string Pod =
        """

        - apiVersion: v1
          kind: Pod
          metadata: {name: other, namespace: default}
          spec: {nodeName: gpu-0, containers: [{name: c, resources: {limits: {nvidia.com/gpu: "1"}, requests: {nvidia.com/gpu: "1"}}}]}
          status: {phase: Running}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("plan-command").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("leader-largest-pool", "DeepSeek-R1-GGUF/DeepSeek-R1-IQ2_XXS", "dual-0", 2)]
    [InlineData("leader-chosen-by-user", "DeepSeek-R1-GGUF/DeepSeek-R1-IQ2_XXS", "single-0", 2)]
    [InlineData("six-gpus", "Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-Q6_K", "desktop-0", 6)]
    [InlineData("unequal-gpus", "Qwen2.5-72B-Instruct-GGUF/Qwen2.5-72B-Instruct-Q6_K", "a100-0", 3)]
    [InlineData("cpu-control-plane", "Llama-3.1-8B-Instruct-GGUF/Llama-3.1-8B-Instruct-Q4_K_M", "gpu-0", 1)]
    public async Task Json_holds_the_plan_and_nothing_else_is_printed(string name, string model, string leader, int nodes)
    {
        var (code, output, error) = await RunCaseAsync(name, model, "--output", "json");

        Assert.Equal(0, code);
        Assert.All(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("warning: ", line, StringComparison.Ordinal));
        var plan = JsonNode.Parse(output)!;
        Assert.True((bool)plan["feasible"]!);
        Assert.Equal("LlamaCpp", (string?)plan["engine"]);
        Assert.Equal(leader, (string?)plan["leader"]!["node"]);
        Assert.Equal(nodes - 1, plan["workers"]!.AsArray().Count);
        Assert.Equal(plan["tensorSplit"]!.ToJsonString(), plan["layersPerDevice"]!.ToJsonString());
        Assert.Equal(plan["estimate"]!["devices"]!.AsArray().Count - 1, plan["layersPerDevice"]!.AsArray().Count);
        Assert.Equal(plan["leader"]!.ToJsonString(), Assert.Single(plan["groups"]!.AsArray())!["leader"]!.ToJsonString());
        Assert.True((double)plan["predictedTokensPerSecond"]! > 0);
        Assert.True((double)plan["predictedPrefillTokensPerSecond"]! > 10 * (double)plan["predictedTokensPerSecond"]!);
    }

    [Fact]
    public async Task The_users_choice_of_a_smaller_leader_costs_speed()
    {
        const string Model = "DeepSeek-R1-GGUF/DeepSeek-R1-IQ2_XXS";
        var best = JsonNode.Parse((await RunCaseAsync("leader-largest-pool", Model, "--output", "json")).Output)!;
        var chosen = JsonNode.Parse((await RunCaseAsync("leader-chosen-by-user", Model, "--output", "json")).Output)!;
        Assert.True((double)chosen["predictedTokensPerSecond"]! < (double)best["predictedTokensPerSecond"]!);
    }

    [Fact]
    public async Task What_does_not_fit_ends_with_exit_code_1_reasons_and_suggestions()
    {
        var (code, output, error) = await RunCaseAsync(
            "no-oom-70b", "Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-Q5_K_S", "--output", "json");

        Assert.Equal((1, ""), (code, error));
        var plan = JsonNode.Parse(output)!;
        Assert.False((bool)plan["feasible"]!);
        Assert.Null(plan["leader"]);
        var rejected = Assert.Single(plan["rejected"]!.AsArray())!;
        Assert.Equal(("TooSmall", 1, "[\"workstation-0\"]"), ((string)rejected["reason"]!, (int)rejected["nodes"]!, rejected["examples"]!.ToJsonString()));
        Assert.Contains(plan["suggestions"]!.AsArray(), s => (string)s!["change"]! == "placement.cpuOffload: Allowed" && (bool)s["feasible"]!);
    }

    [Fact]
    public async Task A_tree_is_for_people()
    {
        var (code, output, error) = await RunCaseAsync("no-oom-70b-third-gpu", "Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-Q5_K_S");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("leader workstation-0: 2 x NVIDIA-GeForce-RTX-4090 (48.0 GiB)", output, StringComparison.Ordinal);
        Assert.Contains("[#####", output, StringComparison.Ordinal);
        Assert.Matches(@"81 of 81 layers on GPUs, about [0-9.]+ tokens/s, prompts about [0-9]+0/s", output);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_without_pods_warn_and_pods_take_their_GPUs()
    {
        var (free, _, warning) = await RunFilesAsync(Deployment, Node, Llama8B);
        Assert.Equal(0, free);
        Assert.Contains("lists no pods", warning, StringComparison.Ordinal);

        var (taken, output, error) = await RunFilesAsync(Deployment, Node + Pod, Llama8B);
        Assert.Equal((1, ""), (taken, error));
        Assert.Contains("AllGpusTaken, 1 node (gpu-0)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_GPUs_only_ResourceSlices_offer_is_rejected_as_DraOnly()
    {
        const string Slice =
            """

            - apiVersion: resource.k8s.io/v1
              kind: ResourceSlice
              metadata: {name: gpu-0-gpu.nvidia.com}
              spec: {driver: gpu.nvidia.com, nodeName: gpu-0, pool: {name: gpu-0, generation: 1, resourceSliceCount: 1}, devices: [{name: gpu-0}]}
            """;
        var node = Node.Replace(", nvidia.com/gpu: \"1\"", "", StringComparison.Ordinal);

        var (code, output, _) = await RunFilesAsync(Deployment, node + Slice, Llama8B);
        Assert.Equal(1, code);
        Assert.Contains("DraOnly, 1 node (gpu-0)", output, StringComparison.Ordinal);
        Assert.Contains("install a device plugin", output, StringComparison.Ordinal);

        Assert.Contains("NoGpu, 1 node (gpu-0)", (await RunFilesAsync(Deployment, node, Llama8B)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunFilesAsync(Deployment, Node + Slice, Llama8B)).Code);
    }

    [Fact]
    public async Task A_node_that_cannot_mount_the_deployments_claim_is_rejected_as_VolumeTopology()
    {
        const string Storage =
            """

            - apiVersion: v1
              kind: PersistentVolumeClaim
              metadata: {name: models, namespace: default}
              spec: {accessModes: [ReadWriteOnce], volumeName: v1}
            - apiVersion: v1
              kind: PersistentVolume
              metadata: {name: v1}
              spec: {nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [eu-1b]}]}]}}}
            """;
        var deployment = Deployment.Replace("llama.gguf\"}}", "llama.gguf\"}}, cache: {persistentVolumeClaim: {claimName: models}}", StringComparison.Ordinal);

        var (code, output, _) = await RunFilesAsync(deployment, Node + Storage, Llama8B);
        Assert.Equal(1, code);
        Assert.Contains("VolumeTopology, 1 node (gpu-0)", output, StringComparison.Ordinal);
        Assert.Contains("its volume is in zone eu-1b", output, StringComparison.Ordinal);

        Assert.Equal(0, (await RunFilesAsync(deployment, Node.Replace("labels: {", "labels: {topology.kubernetes.io/zone: eu-1b, ", StringComparison.Ordinal) + Storage, Llama8B)).Code);
        // A file without claims does not say that there is none.
        Assert.Equal(0, (await RunFilesAsync(deployment, Node, Llama8B)).Code);
    }

    [Theory]
    [InlineData("kind: [", "deployment.yaml:")]
    [InlineData("kind: Pod\napiVersion: v1", "apiVersion")]
    [InlineData(Deployment + "\nnonsense: 1", "nonsense")]
    [InlineData(Deployment + "\nstatus: {}\nspec: {}", "deployment.yaml")]
    public async Task A_broken_deployment_ends_with_exit_code_2_and_one_sentence(string deployment, string expected)
    {
        var (code, output, error) = await RunFilesAsync(deployment, Node, Llama8B);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_truncated_model_and_missing_files_end_with_exit_code_2()
    {
        var truncated = Path.Combine(_folder, "truncated.gguf");
        await File.WriteAllBytesAsync(truncated, (await File.ReadAllBytesAsync(Llama8B, TestContext.Current.CancellationToken))[..100], TestContext.Current.CancellationToken);
        foreach (var (deployment, nodes, model) in new[] { (Deployment, Node, truncated), (Deployment, Node, "no-such.gguf"), (Deployment, "kind: Nothing", Llama8B) })
        {
            var (code, output, error) = await RunFilesAsync(deployment, nodes, model);
            Assert.Equal((2, ""), (code, output));
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        Assert.Equal(2, (await RunAsync("plan", "-f", Path.Combine(_folder, "absent.yaml"))).Code);
        Assert.Equal(2, (await RunAsync("plan")).Code);
    }

    [Fact]
    public async Task A_model_in_a_claim_must_be_named_by_a_file()
    {
        const string Claim =
            """
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: llama-8b}
            spec: {model: {persistentVolumeClaim: {claimName: models, path: llama.gguf}}}
            """;
        Assert.Equal(0, (await RunFilesAsync(Claim, Node + Pod.Replace("gpu-0", "gone", StringComparison.Ordinal), Llama8B)).Code);
        var file = Path.Combine(_folder, "deployment.yaml");
        var nodes = Path.Combine(_folder, "nodes.yaml");
        var (code, _, error) = await RunAsync("plan", "-f", file, "--nodes", nodes);
        Assert.Equal(2, code);
        Assert.Contains("--model", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model: {url: {url: \"https://models.example.com/llama.gguf\"}}, engine: {type: VLLM}", "the engine VLLM is for folders of safetensors files")]
    [InlineData("model: {url: {url: \"https://models.example.com/llama.gguf\"}}, engine: {type: SGLang}", "the engine SGLang is for folders of safetensors files")]
    [InlineData("model: {huggingFace: {repository: acme/llama, file: model.bin}}, engine: {type: LlamaCpp}", "name a file that ends in .gguf")]
    public async Task An_engine_and_a_model_that_do_not_go_together_are_refused(string spec, string expected)
    {
        var (code, output, error) = await RunFilesAsync(OfSpec(spec), Node, model: null);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_specs_profile_beats_the_file_and_stands_for_a_model_on_a_claim()
    {
        const string Claim = "model: {persistentVolumeClaim: {claimName: models, path: llama.gguf}, profile: {PROFILE}}";
        var (code, output, _) = await RunFilesAsync(
            OfSpec(Claim.Replace("PROFILE", "weightSize: 4Gi, layers: 31, hiddenSize: 4096, attentionHeads: 32", StringComparison.Ordinal)), Node, model: null, "--output", "json");
        Assert.Equal(0, code);
        Assert.Equal(31, (int)JsonNode.Parse(output)!["estimate"]!["layers"]!);

        (code, _, var error) = await RunFilesAsync(OfSpec(Claim.Replace("PROFILE", "layers: 31", StringComparison.Ordinal)), Node, model: null);
        Assert.Equal(2, code);
        Assert.Contains("give weightSize, hiddenSize, attentionHeads in spec.model.profile", error, StringComparison.Ordinal);

        (_, output, _) = await RunFilesAsync(
            OfSpec(Claim.Replace("PROFILE", "parameters: 12345", StringComparison.Ordinal)), Node, Llama8B, "--output", "json");
        Assert.Equal(12345, (long)JsonNode.Parse(output)!["estimate"]!["parameters"]!);
    }

    [Fact]
    public async Task Further_products_tell_the_memory_of_GPUs_that_no_label_tells()
    {
        const string Unknown =
            """
            apiVersion: v1
            kind: Node
            metadata: {name: new-0, labels: {nvidia.com/gpu.product: NVIDIA-X1, nvidia.com/gpu.count: "1"}}
            status:
              allocatable: {cpu: "16", memory: 128Gi, pods: "110", nvidia.com/gpu: "1"}
              conditions: [{type: Ready, status: "True"}]
            """;
        var products = Path.Combine(_folder, "products.json");
        await File.WriteAllTextAsync(
            products, """{"products": [{"vendor": "nvidia", "name": "X1", "memoryMiB": 24000, "bandwidthGBs": 1000}]}""", TestContext.Current.CancellationToken);

        var (code, output, _) = await RunFilesAsync(Deployment, Unknown, Llama8B);
        Assert.Equal(1, code);
        Assert.Contains("NoMemoryLabel", output, StringComparison.Ordinal);
        (code, output, _) = await RunFilesAsync(Deployment, Unknown, Llama8B, "--gpu-products", products, "--output", "json");
        Assert.Equal(0, code);
        Assert.Equal(24_000L << 20, (long)JsonNode.Parse(output)!["leader"]!["vramBytes"]!);

        await File.WriteAllTextAsync(products, """{"products": [{"vendor": "nvidia", "name": "X1", "memoryMiB": "much"}]}""", TestContext.Current.CancellationToken);
        (code, output, var error) = await RunFilesAsync(Deployment, Unknown, Llama8B, "--gpu-products", products);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("products.json: products[0].memoryMiB", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("engine: {contextLength: 200000}", "warning: spec.engine.contextLength: 200000 is more than the 131072 tokens that the model was trained for; answers get worse beyond")]
    [InlineData("access: {networkPolicy: Disabled}", "warning: spec.access.networkPolicy: every pod")]
    [InlineData("cache: {ephemeral: {sizeLimit: 1Gi}}", "warning: spec.cache.ephemeral.sizeLimit: 1Gi does not hold the model")]
    public async Task What_the_webhook_would_warn_of_goes_to_standard_error(string spec, string warning)
    {
        const string Model = "model: {url: {url: \"https://models.example.com/llama.gguf\"}}";

        var (code, output, error) = await RunFilesAsync(OfSpec($"{Model}, {spec}"), Node + Pod.Replace("nvidia.com/gpu: \"1\"", "cpu: \"1\"", StringComparison.Ordinal), Llama8B, "--output", "json");

        Assert.True(code is 0 or 1);
        Assert.NotNull(JsonNode.Parse(output));
        Assert.StartsWith(warning, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task What_the_webhook_would_refuse_for_a_claim_that_is_there_is_warned_of()
    {
        const string Claim =
            """

            - apiVersion: v1
              kind: PersistentVolumeClaim
              metadata: {name: llama-8b-cache, namespace: default}
              spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 100Gi}}}
            """;
        const string Spec = "model: {url: {url: \"https://models.example.com/llama.gguf\"}}, cache: {persistentVolumeClaim: {size: SIZE}}";

        var (_, _, error) = await RunFilesAsync(OfSpec(Spec.Replace("SIZE", "50Gi", StringComparison.Ordinal)), Node + Pod + Claim, Llama8B);

        Assert.StartsWith("warning: refused when applied: spec.cache.persistentVolumeClaim.size: the claim llama-8b-cache has 100Gi, and claims cannot shrink", error, StringComparison.Ordinal);
        Assert.Equal("", (await RunFilesAsync(OfSpec(Spec.Replace("SIZE", "100Gi", StringComparison.Ordinal)), Node + Pod + Claim, Llama8B)).Error);
    }

    [Fact]
    public async Task The_deployments_own_pods_do_not_stand_in_its_way()
    {
        var own = Pod.Replace("{name: other, namespace: default}", "{name: llama-8b-0-0, namespace: default, labels: {inference.gpustack.io/deployment: llama-8b}}", StringComparison.Ordinal);

        Assert.Equal(0, (await RunFilesAsync(Deployment, Node + own, Llama8B)).Code);
        Assert.Equal(1, (await RunFilesAsync(Deployment.Replace("llama-8b", "another", StringComparison.Ordinal), Node + own, Llama8B)).Code);
    }

    [Fact]
    public async Task Files_that_are_no_text_or_never_end_are_refused()
    {
        foreach (var file in new[] { Llama8B, _folder, Path.Combine(_folder, "absent.yaml"), "", "/dev/zero" })
        {
            var (code, output, error) = await RunAsync("plan", "-f", file, "--nodes", file, "--model", Llama8B);
            Assert.Equal((2, ""), (code, output));
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static string OfSpec(string spec) => $$"""
        apiVersion: inference.gpustack.io/v1alpha1
        kind: ModelDeployment
        metadata: {name: llama-8b}
        spec: { {{spec}} }
        """;

    private static Task<(int Code, string Output, string Error)> RunCaseAsync(string name, string model, params string[] more) => RunAsync(
        [
            "plan", "-f", Path.Combine(Samples, "cases", name, "deployment.yaml"), "--nodes", Path.Combine(Samples, "cases", name, "fleet.yaml"),
            "--model", Path.Combine(Samples, "models", "gpustack", model + ".gguf"), .. more,
        ]);

    private async Task<(int Code, string Output, string Error)> RunFilesAsync(string deployment, string nodes, string? model, params string[] more)
    {
        var deploymentFile = Path.Combine(_folder, "deployment.yaml");
        var nodesFile = Path.Combine(_folder, "nodes.yaml");
        await File.WriteAllTextAsync(deploymentFile, deployment, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(nodesFile, nodes, TestContext.Current.CancellationToken);
        return await RunAsync(["plan", "-f", deploymentFile, "--nodes", nodesFile, .. model is null ? [] : new[] { "--model", model }, .. more]);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GpuStackProgram.RunAsync(arguments, "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "GpuStack.Operator.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
