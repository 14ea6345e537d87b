using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Samples;

/// <summary>The committed sample models.</summary>
internal static class SampleFiles
{
    /// <summary><c>samples/models</c> of the repository these tests were built from.</summary>
    public static string Directory { get; } = Path.Combine(RepositoryRoot(), "samples", "models");

    /// <summary>The header of a file, by its name alone.</summary>
    public static async Task<GgufHeader> ReadAsync(string file)
    {
        string path = Assert.Single(System.IO.Directory.GetFiles(Directory, file, SearchOption.AllDirectories));
        await using FileByteRangeSource source = FileByteRangeSource.Open(path);
        return await GgufReader.ReadAsync(source, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>The facts of a file, by its name alone.</summary>
    public static async Task<LlamaCppModel> ModelAsync(string file) => LlamaCppModel.FromGguf(await ReadAsync(file));

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "GpuStack.Operator.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("These tests run from within their repository.");
    }
}
