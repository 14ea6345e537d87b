using System.Text.Json.Nodes;
using GpuStack.EndToEnd.Cases;

namespace GpuStack.EndToEnd.Plugin;

/// <summary><c>kubectl gpustack</c>: real kubectl finds the program, runs it and asks it for completions.</summary>
public sealed class PluginTests(PluginFolder folder) : IClassFixture<PluginFolder>
{
    private static readonly string Model = Repository.PathOf("samples", "models", "gpustack", "Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf");

    [Fact]
    public async Task Kubectl_lists_it()
    {
        (int code, string output, string error) = await folder.KubectlAsync("plugin", "list");

        Assert.True(code == 0, error);
        Assert.Contains("/kubectl-gpustack\n", output, StringComparison.Ordinal);
        // The file for completions is no plugin.
        Assert.DoesNotContain("kubectl_complete", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_estimates()
    {
        (int code, string output, string error) = await folder.KubectlAsync("gpustack", "estimate", Model, "--output", "json");

        Assert.True(code == 0, error);
        Assert.True(JsonNode.Parse(output)!["totalBytes"]!.GetValue<long>() > 4L << 30);
    }

    [Fact]
    public async Task It_plans()
    {
        SampleCase sample = new("cpu-control-plane");
        (int code, string output, string error) = await folder.KubectlAsync(
            "gpustack", "plan", "-f", sample.Deployment, "--nodes", sample.Fleet, "--model", Model, "--output", "json");

        Assert.True(code == 0, error);
        Assert.True(JsonNode.Parse(output)!["feasible"]!.GetValue<bool>());
    }

    [Fact]
    public async Task It_is_called_as_it_was_typed()
    {
        (_, string help, _) = await folder.KubectlAsync("gpustack", "--help");
        (int code, _, string refusal) = await folder.KubectlAsync("gpustack", "plam");

        Assert.Contains("kubectl gpustack [command]", help, StringComparison.Ordinal);
        Assert.Equal(2, code);
        Assert.Contains("See 'kubectl gpustack --help'.", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan", "pl")]
    [InlineData("--nodes", "plan", "--nod")]
    [InlineData("VLLM", "estimate", "m.gguf", "--engine", "V")]
    public async Task Kubectl_completes_its_words(string expected, params string[] words)
    {
        (int code, string output, string error) = await folder.KubectlAsync(["__complete", "gpustack", .. words]);

        Assert.True(code == 0, error);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal(expected, lines[0].Split('\t')[0]);
        Assert.Equal((2, ":4"), (lines.Length, lines[^1]));
    }

    [Fact]
    public async Task Kubectl_offers_files_where_a_file_is_meant()
    {
        (int code, string output, string error) = await folder.KubectlAsync("__complete", "gpustack", "plan", "-f", "");

        Assert.True(code == 0, error);
        Assert.Equal(":0", output.TrimEnd());
    }

    [Theory]
    [InlineData("pl", "plan")]
    [InlineData("estimate --engine V", "VLLM")]
    [InlineData("estimate --engine = V", "VLLM")]
    [InlineData("estimate --engine =", "LlamaCpp SGLang VLLM")]
    [InlineData("plan -f x --exp", "--explain")]
    [InlineData("completion k", "kubectl")]
    public async Task Bash_completes_its_words(string line, string expected)
    {
        const string Script = """
            source <(kubectl-gpustack completion bash) || exit 3
            [[ $(complete -p kubectl-gpustack) == *_kubectl_gpustack* ]] || exit 4
            COMP_WORDS=(kubectl-gpustack "$@") COMP_CWORD=$#
            _kubectl_gpustack
            echo "${COMPREPLY[*]}"
            """;
        (int code, string output, string error) = await folder.RunAsync("bash", ["-c", Script, "bash", .. line.Split(' ')]);

        Assert.True(code == 0, $"{code} {error}");
        Assert.Equal(expected, output.TrimEnd());
    }

    /// <summary>bash, and of the others those that are installed; bash is checked whole, above.</summary>
    public static TheoryData<string, string> Shells()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        (string Shell, string Check)[] shells = [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")];
        return [.. shells.Where(known => folders.Any(folder => File.Exists(Path.Combine(folder, known.Shell))))];
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_script_is_in_its_shells_language(string shell, string check)
    {
        (int code, _, string error) = await folder.RunAsync("bash", "-c", $"kubectl-gpustack completion {shell} > \"$0\" && {shell} {check} \"$0\"; code=$?; rm -f \"$0\"; exit $code", Path.GetTempFileName());

        Assert.True(code == 0, error);
    }
}
