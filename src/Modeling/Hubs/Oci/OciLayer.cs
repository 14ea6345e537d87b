namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>A layer of an image or artifact.</summary>
/// <param name="MediaType">What it is, in the words of whoever pushed it.</param>
/// <param name="Digest">Its digest, <c>sha256:…</c>.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Title">The name of the file that it is; null when it has none.</param>
internal sealed record OciLayer(string MediaType, string Digest, long Size, string? Title)
{
    private const string DockerModel = "application/vnd.docker.ai.";
    private const string Ollama = "application/vnd.ollama.image.";

    /// <summary>Parts of media types of layers without a model: docker model, Ollama, ModelPack and KitOps.</summary>
    private static readonly string[] Beside =
        [".license", ".template", ".system", ".params", ".messages", ".adapter", ".prompt", ".dataset.", ".code.", ".docs.", ".doc.", "in-toto", ".empty."];

    /// <summary>How it holds files: by its media type, as the tools that push models write them.</summary>
    public OciPacking Packing => MediaType switch
    {
        _ when Array.Exists(Beside, part => MediaType.Contains(part, StringComparison.Ordinal)) => OciPacking.None,
        _ when MediaType.EndsWith("zstd", StringComparison.Ordinal) => OciPacking.Unreadable,
        _ when MediaType.Contains("tar", StringComparison.Ordinal) && MediaType.EndsWith("gzip", StringComparison.Ordinal) => OciPacking.TarGzip,
        _ when MediaType.EndsWith("tar", StringComparison.Ordinal) => OciPacking.Tar,
        _ when Title is not null || DefaultName.Length > 0 => OciPacking.File,
        _ => OciPacking.None,
    };

    /// <summary>The name of the file that a layer without a title is; empty for none.</summary>
    public string DefaultName => MediaType switch
    {
        DockerModel + "gguf.v3" or Ollama + "model" or "application/vnd.cncf.model.weight.v1.gguf" => "model.gguf",
        DockerModel + "mmproj" or Ollama + "projector" => "mmproj.gguf",
        DockerModel + "safetensors" or "application/vnd.cncf.model.weight.v1.safetensors" => "model.safetensors",
        _ => "",
    };
}
