using System.Buffers.Binary;
using GpuStack.EndToEnd.Cases;

namespace GpuStack.EndToEnd.Commands;

/// <summary>Bad input ends with exit code 2, one sentence on standard error that names the file, and nothing on standard output.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly SampleCase Sample = new("cpu-control-plane");

    private readonly string _folder = Directory.CreateTempSubdirectory("gpustack-bad-input").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("broken.yaml", "apiVersion: inference.gpustack.io/v1alpha1\nkind: [ModelDeployment\n", "broken.yaml")]
    [InlineData("field.yaml", "apiVersion: inference.gpustack.io/v1alpha1\nkind: ModelDeployment\nmetadata: {name: a}\nspec: {modle: {}}\n", "spec.modle")]
    [InlineData("enum.yaml", "apiVersion: inference.gpustack.io/v1alpha1\nkind: ModelDeployment\nmetadata: {name: a}\nspec: {model: {url: {url: 'https://example.com/a.gguf'}}, engine: {type: TGI}}\n", "spec.engine.type")]
    [InlineData("sources.yaml", "apiVersion: inference.gpustack.io/v1alpha1\nkind: ModelDeployment\nmetadata: {name: a}\nspec: {model: {}}\n", "spec.model")]
    [InlineData("kind.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "apiVersion")]
    [InlineData("empty.yaml", "", "empty.yaml")]
    public async Task Plan_refuses_a_broken_deployment(string name, string content, string expected)
    {
        string file = Write(name, System.Text.Encoding.UTF8.GetBytes(content));

        await AssertRefusedAsync(expected, "plan", "--nodes", Sample.Fleet, "-f", file, "--model", Sample.Model);
    }

    [Fact]
    public async Task Plan_refuses_a_broken_fleet()
    {
        string file = Write("fleet.yaml", "apiVersion: simulator.gpustack.io/v1alpha1\nkind: Fleet\nspec: {nodeGroups: [{name: a, count: -1}]}\n"u8.ToArray());

        await AssertRefusedAsync("count", "plan", "--nodes", file, "-f", Sample.Deployment, "--model", Sample.Model);
    }

    public static TheoryData<string> HostileModels() =>
        ["wrong-magic", "truncated", "huge-tensor-count", "huge-metadata-count", "huge-string", "same-offsets", "empty"];

    [Theory]
    [MemberData(nameof(HostileModels))]
    public async Task Plan_and_estimate_refuse_a_hostile_model(string kind)
    {
        byte[] header = await File.ReadAllBytesAsync(Sample.Model, TestContext.Current.CancellationToken);
        string file = Write($"{kind}.gguf", Spoil(header, kind));

        await AssertRefusedAsync($"{kind}.gguf", "plan", "--nodes", Sample.Fleet, "-f", Sample.Deployment, "--model", file);
        await AssertRefusedAsync($"{kind}.gguf", "estimate", file);
    }

    [Theory]
    [InlineData("estimate")]
    [InlineData("estimate", "/nonexistent/model.gguf")]
    [InlineData("plan", "-f", "/nonexistent/deployment.yaml")]
    [InlineData("demo", "--fleet", "/nonexistent/fleet.yaml")]
    [InlineData("nonsense")]
    public async Task A_wrong_call_exits_with_2(params string[] arguments)
    {
        OperatorProcess.Result result = await OperatorProcess.RunAsync(arguments);

        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.NotEmpty(result.Error.Trim());
    }

    /// <summary>Layout: magic u32, version u32, tensor count u64, metadata count u64, then the first key (length u64, bytes).</summary>
    private static byte[] Spoil(byte[] header, string kind)
    {
        byte[] bytes = [.. header];
        switch (kind)
        {
            case "wrong-magic":
                bytes[0] = (byte)'X';
                return bytes;
            case "truncated":
                return bytes[..(bytes.Length / 2)];
            case "huge-tensor-count":
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), ulong.MaxValue);
                return bytes;
            case "huge-metadata-count":
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), long.MaxValue);
                return bytes;
            case "huge-string":
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), uint.MaxValue);
                return bytes;
            case "same-offsets":
                return WithSecondTensorAtOffsetOfTheFirst(bytes);
            default:
                return [];
        }
    }

    private static byte[] WithSecondTensorAtOffsetOfTheFirst(byte[] bytes)
    {
        // A tensor's entry ends with its type (u32) and offset (u64); the name of the next tensor follows.
        int second = bytes.AsSpan().IndexOf("output_norm.weight"u8);
        int afterDimensions = second + "output_norm.weight".Length + 4 + 8;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(afterDimensions + 4), 0);
        return bytes;
    }

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static async Task AssertRefusedAsync(string mentions, params string[] arguments)
    {
        OperatorProcess.Result result = await OperatorProcess.RunAsync(arguments);

        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains(mentions, result.Error, StringComparison.Ordinal);
        Assert.True(result.Error.Trim().Split('\n').Length == 1, result.ToString());
        Assert.Empty(result.Output);
    }
}
