using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Modeling.Tests.Samples;

/// <summary>The committed sample models, and the one way to make them again.</summary>
public class SampleModelTests
{
    private const string Regenerate = "GPUSTACK_REGENERATE";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, IndentSize = 2, NewLine = "\n" };

    [Fact]
    public async Task Committed_sample_files_equal_what_the_writer_makes_of_the_catalogue()
    {
        var stale = new List<string>();
        var index = new List<SampleFile>();
        foreach (SampleModel model in Catalogue())
        {
            foreach ((string file, string type) in model.Files)
            {
                (byte[] header, long size) = SampleHeader.Make(model, type);
                index.Add(new SampleFile(
                    model.Owner, model.Repo, "main", Commit(model), file, header.Length, size, Convert.ToHexStringLower(SHA256.HashData(header))));
                await CheckAsync(Path.Combine(SampleFiles.Directory, model.Owner, model.Repo, file), header, stale);
            }
        }

        await CheckAsync(Path.Combine(SampleFiles.Directory, "index.json"), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(index, Json) + "\n"), stale);
        Assert.True(stale.Count == 0, $"Stale: {string.Join(", ", stale)}; run `{Regenerate}=1 dotnet test tests/Modeling.Tests` to write them again.");
    }

    [Theory]
    [InlineData("Llama-3.3-70B-Instruct-Q5_K_S.gguf", 48.66)]
    [InlineData("Llama-3.3-70B-Instruct-Q6_K.gguf", 57.89)]
    [InlineData("Llama-3.3-70B-Instruct-Q4_K_M.gguf", 42.52)]
    [InlineData("Qwen2.5-72B-Instruct-Q6_K.gguf", 64.35)]
    [InlineData("Llama-3.1-8B-Instruct-Q4_K_M.gguf", 4.92)]
    [InlineData("Llama-3.1-8B-Instruct-F16.gguf", 16.07)]
    [InlineData("Llama-3.2-1B-Instruct-Q8_0.gguf", 1.32)]
    [InlineData("Qwen3-30B-A3B-Q4_K_M.gguf", 18.56)]
    public async Task Sizes_are_those_of_the_published_files(string file, double gigabytes)
    {
        GgufHeader header = await SampleFiles.ReadAsync(file);

        // Published files carry a tokenizer of some megabytes.
        Assert.InRange(header.FileSize / 1e9, gigabytes - 0.02, gigabytes + 0.02);
    }

    [Fact]
    public async Task Deepseek_r1_in_two_bits_takes_about_180_gigabytes()
    {
        GgufHeader header = await SampleFiles.ReadAsync("DeepSeek-R1-IQ2_XXS.gguf");

        Assert.InRange(header.FileSize / 1e9, 175, 200);
        Assert.InRange(LlamaCppModel.FromGguf(header).ParameterCount / 1e9, 670, 673);
    }

    private static SampleModel[] Catalogue() =>
        JsonSerializer.Deserialize<SampleModel[]>(File.ReadAllText(Path.Combine(SampleFiles.Directory, "catalogue.json")), Json)!;

    private static string Commit(SampleModel model) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{model.Owner}/{model.Repo}")))[..40];

    private static async Task CheckAsync(string path, byte[] expected, List<string> stale)
    {
        if (Environment.GetEnvironmentVariable(Regenerate) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, expected);
        }
        else if (!File.Exists(path) || !(await File.ReadAllBytesAsync(path)).SequenceEqual(expected))
        {
            stale.Add(Path.GetRelativePath(SampleFiles.Directory, path));
        }
    }

    private sealed record SampleFile(
        string Owner, string Repo, string Revision, string Commit, string File, long HeaderBytes, long SizeBytes, string Etag);
}
