using GpuStack.EndToEnd.Cases;

namespace GpuStack.EndToEnd.Kubectl;

/// <summary>A manifest in a file of its own, for as long as a test needs it.</summary>
internal sealed class ManifestFile : IDisposable
{
    public ManifestFile(string text)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    /// <summary>The deployment of the case cpu-control-plane, which needs one GPU, under another name and with another field of its spec.</summary>
    public static ManifestFile Of(string name, string field = "") => new(
        File.ReadAllText(new SampleCase("cpu-control-plane").Deployment).TrimEnd().Replace("name: llama-8b", $"name: {name}", StringComparison.Ordinal)
        + $"\n{field}\n");

    public void Dispose() => File.Delete(Path);
}
