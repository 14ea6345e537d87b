using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Commands;
using GpuStack.Simulator.Hub;

namespace GpuStack.Operator.Tests.Commands;

public sealed class ModelFactsReaderTests : IDisposable
{
    private static readonly string Models = Path.Combine(Inputs.Root, "samples", "models");
    private readonly string _cache = Directory.CreateTempSubdirectory("cache").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public async Task Facts_that_were_found_before_are_not_asked_for_again()
    {
        await using ModelHubHost hub = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = Models }, Token);
        ModelLocation location = ModelLocation.Parse("hf://gpustack/Llama-3.1-8B-Instruct-GGUF:f16");
        ModelHubSettings settings = new() { HuggingFaceEndpoint = hub.Url, HuggingFaceToken = "hf_secret" };

        LlamaCppModel first = await ModelFactsReader.ReadAsync(location, settings, _cache, Token);
        long requests = hub.RequestCount;
        LlamaCppModel second = await ModelFactsReader.ReadAsync(location, settings, _cache, Token);

        Assert.Equal(first.ToJson(), second.ToJson());
        Assert.Equal(requests, hub.RequestCount);
        string kept = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_cache)), Token);
        Assert.DoesNotContain("hf_secret", kept, StringComparison.Ordinal);

        await ModelFactsReader.ReadAsync(location, settings, null, Token);
        Assert.True(hub.RequestCount > requests);
    }

    [Fact]
    public async Task A_file_of_this_machine_is_not_kept()
    {
        string path = Path.Combine(Models, "gpustack", "Llama-3.1-8B-Instruct-GGUF");

        LlamaCppModel model = await ModelFactsReader.ReadAsync(ModelLocation.Parse(path), new ModelHubSettings(), _cache, Token);

        Assert.Equal(32, model.BlockCount);
        Assert.Empty(Directory.GetFiles(_cache));
    }
}
