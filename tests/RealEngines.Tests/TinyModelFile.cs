using GpuStack.RealEngines.Models;
using GpuStack.RealEngines.Programs;

namespace GpuStack.RealEngines.Tests;

/// <summary>The programs, the model, and a folder for what they write.</summary>
public sealed class TinyModelFile : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("real-engines-");

    internal string Programs { get; private set; } = "";

    internal string Model => Path.Combine(_folder.FullName, "tiny.gguf");

    internal string Cache => Path.Combine(_folder.FullName, "cache");

    public async ValueTask InitializeAsync()
    {
        Programs = await LlamaPrograms.BringAsync(TestContext.Current.CancellationToken);
        await TinyModel.WriteAsync(Model, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
