using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

/// <summary>The configurations in cases/configs, by the names of their repositories.</summary>
internal static class ModelConfigs
{
    public static string Directory => Path.Combine(AppContext.BaseDirectory, "cases", "configs");

    public static TransformerModel Read(string repository) => TransformerModelReader.FromConfig(
        repository, File.ReadAllBytes(Path.Combine(Directory, repository.Replace("/", "--", StringComparison.Ordinal) + ".json")));
}
