using System.Text.Json.Nodes;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Plan;

/// <summary><c>plan</c> for vLLM and SGLang: each folder of cases/serving-plans has a deployment, a fleet and what the JSON must hold.</summary>
public sealed class ServingPlanTests : IDisposable
{
    private static readonly string s_cases = Path.Combine(Inputs.Root, "tests", "Operator.Tests", "cases", "serving-plans");

    private readonly string _folder = Directory.CreateTempSubdirectory("serving-plan-").FullName;
    private readonly string _model;

    public ServingPlanTests() => _model = SafetensorsFolder.Write(_folder);

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(s_cases).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_case_is_planned_as_expected(string name)
    {
        var folder = Path.Combine(s_cases, name);
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected.json"), TestContext.Current.CancellationToken))!;

        var (code, output, error) = await RunAsync(
            "plan", "-f", Path.Combine(folder, "deployment.yaml"), "--nodes", Path.Combine(folder, "fleet.yaml"), "--model", _model, "--output", "json");

        Assert.Equal("", error);
        Assert.Equal((bool)expected["feasible"]! ? 0 : 1, code);
        AssertHolds(expected, JsonNode.Parse(output), "$");
    }

    [Fact]
    public async Task The_tree_shows_sizes_and_every_GPU()
    {
        var folder = Path.Combine(s_cases, "sglang-over-two-nodes");

        var (code, output, _) = await RunAsync("plan", "-f", Path.Combine(folder, "deployment.yaml"), "--nodes", Path.Combine(folder, "fleet.yaml"), "--model", _model);

        Assert.Equal(0, code);
        Assert.Contains("tensor 1 × pipeline 2, memory fraction 0.", output, StringComparison.Ordinal);
        Assert.True(output.IndexOf("leader t4-0", StringComparison.Ordinal) < output.IndexOf("worker t4-1", StringComparison.Ordinal));
        Assert.Contains("16 layers 0..15", output, StringComparison.Ordinal);
        Assert.Contains("16 layers 16..31", output, StringComparison.Ordinal);
        Assert.Contains("[####", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_stands_for_a_model_on_a_claim_and_a_missing_one_is_asked_for()
    {
        const string Claim = "model: {persistentVolumeClaim: {claimName: models, path: llama}PROFILE}, engine: {type: VLLM}";
        var profile = ", profile: {weightSize: 15Gi, layers: 24, hiddenSize: 4096, attentionHeads: 32, keyValueHeads: 8}";

        var (code, output, error) = await RunSpecAsync(Claim.Replace("PROFILE", profile, StringComparison.Ordinal), "--output", "json");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(24, (int)JsonNode.Parse(output)!["estimate"]!["layers"]!);
        (code, _, error) = await RunSpecAsync(Claim.Replace("PROFILE", ", profile: {layers: 24}", StringComparison.Ordinal));
        Assert.Equal(2, code);
        Assert.Contains("give weightSize, hiddenSize, attentionHeads in spec.model.profile", error, StringComparison.Ordinal);
        (code, _, error) = await RunSpecAsync(Claim.Replace("PROFILE", "", StringComparison.Ordinal));
        Assert.Equal(2, code);
        Assert.Contains("--model", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.gguf", "is no folder")]
    [InlineData("empty", "safetensors")]
    [InlineData("broken", "config.json")]
    public async Task What_is_no_folder_of_safetensors_ends_with_exit_code_2_and_one_sentence(string model, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        var broken = Directory.CreateDirectory(Path.Combine(_folder, "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(broken, "config.json"), "{", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(broken, "model.safetensors"), [1, 2, 3], TestContext.Current.CancellationToken);

        var (code, output, error) = await RunSpecAsync("model: {huggingFace: {repository: acme/llama}}", "--model", Path.Combine(_folder, model));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task<(int Code, string Output, string Error)> RunSpecAsync(string spec, params string[] more)
    {
        var file = Path.Combine(_folder, "deployment.yaml");
        await File.WriteAllTextAsync(
            file,
            $$"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: llama-8b}
            spec: { {{spec}} }
            """,
            TestContext.Current.CancellationToken);
        return await RunAsync(["plan", "-f", file, "--nodes", Path.Combine(s_cases, "vllm-one-gpu", "fleet.yaml"), .. more]);
    }

    /// <summary>Objects must hold the fields expected, lists as many elements.</summary>
    private static void AssertHolds(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    AssertHolds(value, actual![name], $"{path}.{name}");
                break;
            case JsonArray elements:
                Assert.True(elements.Count == actual!.AsArray().Count, $"{path}: {actual.ToJsonString()}");
                for (var i = 0; i < elements.Count; i++)
                    AssertHolds(elements[i], actual[i], $"{path}[{i}]");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(expected, actual), $"{path}: {actual?.ToJsonString()}");
                break;
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GpuStackProgram.RunAsync(arguments, "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }
}
