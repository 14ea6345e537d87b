using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Fetch;

namespace GpuStack.Operator.Tests.Fetch;

public sealed class ModelLinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-link-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_parts_of_a_split_model_keep_their_names_behind_the_link()
    {
        var first = await WriteAsync("hf/o/r/c1/q4/m-00001-of-00002.gguf");
        await WriteAsync("hf/o/r/c1/q4/m-00002-of-00002.gguf");

        ModelLink.Create(Link, Model(first, ModelFormat.Gguf));

        Assert.Equal(["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"], Directory.GetFiles(Link).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_link_is_led_to_the_folder_that_was_fetched_last()
    {
        await WriteAsync("hf/o/r/c1/config.json");
        await WriteAsync("hf/o/r/c2/config.json", "new");

        ModelLink.Create(Link, Model(Path.Combine(_folder, "hf/o/r/c1"), ModelFormat.Safetensors));
        ModelLink.Create(Link, Model(Path.Combine(_folder, "hf/o/r/c2"), ModelFormat.Safetensors));

        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(Link, "config.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["model"], Directory.GetFileSystemEntries(Path.GetDirectoryName(Link)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_is_no_link_is_left_alone()
    {
        var file = await WriteAsync("hf/o/r/c1/m.gguf");
        await WriteAsync("bin/model/precious");

        var failure = Assert.Throws<WorkFailedException>(() => ModelLink.Create(Link, Model(file, ModelFormat.Gguf)));

        Assert.Contains("is no link", failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Link, "precious")));
    }

    private string Link => Path.Combine(_folder, "bin", "model");

    private static FetchedModel Model(string path, ModelFormat format) => new() { Path = path, Source = "hf://o/r", Format = format, Files = [] };

    private async Task<string> WriteAsync(string path, string text = "x")
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full, text, TestContext.Current.CancellationToken);
        return full;
    }
}
