namespace GpuStack.EndToEnd.Kubectl;

/// <summary>Real kubectl against <c>demo --hold</c>: what does not change the demo's own deployment.</summary>
public sealed class KubectlTests(HeldDemo demo) : IClassFixture<HeldDemo>
{
    private const string Ours = "llama-70b";

    [Fact]
    public async Task Get_shows_nodes_deployments_statefulsets_pods_and_events()
    {
        string output = await demo.Kubectl.RunAsync("get", "nodes,mdeploy,sts,pods,events", "-o", "wide");

        foreach (string line in (string[])
            [
                "node/desktop-5", "modeldeployment.inference.gpustack.io/llama-70b", "statefulset.apps/llama-70b-0", "pod/llama-70b-0-0",
                // The columns of a deployment, the wide ones too.
                "READY", "REASON", "MODEL", "ENGINE", "REPLICAS", "LEADER", "GPUS", "VRAM", "TOKENS/S", "ENDPOINT", "AGE",
                "SuccessfulCreate", "default-scheduler", "Successfully assigned default/llama-70b-0-0 to desktop-0",
            ])
        {
            Assert.Contains(line, output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("mdeploy", Ours, "Groups:", "Planned")]
    [InlineData("sts", "llama-70b-0", "1 Running", "SuccessfulCreate")]
    [InlineData("pod", "llama-70b-0-0", "StatefulSet/llama-70b-0", "Successfully assigned")]
    [InlineData("node", "desktop-0", "nvidia.com/gpu", "KubeletReady")]
    public async Task Describe_tells_about_the_object_and_its_events(string kind, string name, string fact, string happening)
    {
        string output = await demo.Kubectl.RunAsync("describe", kind, name);

        Assert.Contains(fact, output, StringComparison.Ordinal);
        Assert.Contains(happening, output, StringComparison.Ordinal);
        Assert.Contains("Events:", output, StringComparison.Ordinal);
        // What a client prints for a time that is missing.
        Assert.DoesNotContain("0001", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_knows_the_schema()
    {
        Assert.Contains("reservePerGpu", await demo.Kubectl.RunAsync("explain", "mdeploy.spec.placement.memory"), StringComparison.Ordinal);
        Assert.Contains("enum: Auto, LlamaCpp, VLLM, SGLang", await demo.Kubectl.RunAsync("explain", "mdeploy.spec", "--recursive"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_shown_for_an_object()
    {
        string output = await demo.Kubectl.RunAsync("events", "--for", $"mdeploy/{Ours}");

        Assert.Contains("Planned", output, StringComparison.Ordinal);
        Assert.DoesNotContain("StatefulSet", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_and_yaml_show_the_status()
    {
        await demo.Kubectl.RunAsync("wait", "--for=condition=Ready", $"mdeploy/{Ours}", "--timeout=60s");

        string yaml = await demo.Kubectl.RunAsync("get", "mdeploy", Ours, "-o", "yaml");
        Assert.Contains("observedGeneration: ", yaml, StringComparison.Ordinal);
        Assert.Contains("layersPerDevice:", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auth_answers_what_the_user_may_do()
    {
        Assert.Contains("yes", await demo.Kubectl.RunAsync("auth", "can-i", "create", "pods"), StringComparison.Ordinal);
        Assert.Contains("*.*", await demo.Kubectl.RunAsync("auth", "can-i", "--list"), StringComparison.Ordinal);
        Assert.Contains("kubernetes-admin", await demo.Kubectl.RunAsync("auth", "whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_deployment_is_applied_waits_and_is_deleted()
    {
        using ManifestFile file = ManifestFile.Of("second");

        Assert.Contains("created", await demo.Kubectl.RunAsync("apply", "-f", file.Path), StringComparison.Ordinal);
        Assert.Contains("unchanged", await demo.Kubectl.RunAsync("apply", "-f", file.Path), StringComparison.Ordinal);
        Assert.Equal("", await demo.Kubectl.RunAsync("diff", "-f", file.Path));
        // Every GPU is taken by the first deployment.
        await demo.Kubectl.RunAsync("wait", "--for=condition=Planned=false", "mdeploy/second", "--timeout=60s");
        Assert.Contains("AllGpusTaken", await demo.Kubectl.RunAsync("get", "mdeploy", "second", "-o", "yaml"), StringComparison.Ordinal);
        await demo.Kubectl.RunAsync("delete", "-f", file.Path, "--timeout=60s");
        Assert.DoesNotContain("second", await demo.Kubectl.RunAsync("get", "mdeploy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foreground")]
    [InlineData("background")]
    public async Task A_deployment_applied_by_the_server_is_edited_and_deleted(string cascade)
    {
        string name = $"edited-{cascade}";
        string reference = $"mdeploy/{name}";
        using ManifestFile file = ManifestFile.Of(name);

        Assert.Contains("serverside-applied", await demo.Kubectl.RunAsync("apply", "--server-side", "-f", file.Path), StringComparison.Ordinal);
        await demo.Kubectl.RunAsync("label", reference, "team=a");
        await demo.Kubectl.RunAsync("annotate", reference, "note=b");
        await demo.Kubectl.RunAsync("scale", reference, "--replicas=2");
        await demo.Kubectl.RunAsync("patch", reference, "--type=merge", "-p", """{"spec":{"planOnly":true}}""");
        Assert.Equal(
            "a b 2 true",
            await demo.Kubectl.RunAsync("get", reference, "-o", "jsonpath={.metadata.labels.team} {.metadata.annotations.note} {.spec.replicas} {.spec.planOnly}"));
        // The fields that kubectl itself has not set stay.
        await demo.Kubectl.RunAsync("apply", "--server-side", "-f", file.Path);
        Assert.Equal("2", await demo.Kubectl.RunAsync("get", reference, "-o", "jsonpath={.spec.replicas}"));
        await demo.Kubectl.RunAsync("delete", reference, $"--cascade={cascade}", "--timeout=60s");
    }

    [Fact]
    public async Task A_node_is_cordoned_and_uncordoned()
    {
        await demo.Kubectl.RunAsync("cordon", "desktop-5");
        Assert.Contains("SchedulingDisabled", await demo.Kubectl.RunAsync("get", "node", "desktop-5"), StringComparison.Ordinal);
        await demo.Kubectl.RunAsync("uncordon", "desktop-5");
        Assert.DoesNotContain("SchedulingDisabled", await demo.Kubectl.RunAsync("get", "node", "desktop-5"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_goes_with_the_deployment_in_it()
    {
        using ManifestFile file = ManifestFile.Of("inner");
        await demo.Kubectl.RunAsync("create", "namespace", "gone");
        await demo.Kubectl.RunAsync("apply", "-n", "gone", "-f", file.Path);

        await demo.Kubectl.RunAsync("delete", "namespace", "gone", "--timeout=60s");

        Assert.DoesNotContain("inner", await demo.Kubectl.RunAsync("get", "mdeploy", "-A"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  engin: {type: Auto}", "strict decoding error: unknown field \"spec.engin\"")]
    [InlineData("  engine: {type: Foo}", "spec.engine.type: Unsupported value: \"Foo\": supported values: \"Auto\", \"LlamaCpp\", \"VLLM\", \"SGLang\"")]
    [InlineData("  engine: {type: LlamaCpp, parallelism: {tensor: 2}}", "spec.engine.parallelism: Invalid value: parallelism is for VLLM and SGLang")]
    [InlineData("  replicas: three", "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"")]
    public async Task A_broken_deployment_is_refused_in_the_words_of_a_real_server(string field, string words)
    {
        using ManifestFile file = ManifestFile.Of("broken", field);

        Assert.Contains(words, await demo.Kubectl.RefusalAsync("apply", "-f", file.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_simulated_is_said()
    {
        Assert.Contains("the simulated cluster does not implement", await demo.Kubectl.RefusalAsync("logs", "llama-70b-0-0", "-c", "engine"), StringComparison.Ordinal);
    }
}
