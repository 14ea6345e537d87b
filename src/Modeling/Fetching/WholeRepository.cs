using System.Collections.Immutable;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// Which files of a safetensors repository vLLM and SGLang need: all of them, without what is only there for others. Left out are hidden
/// files, the same weights in other formats, folders that hold the model once more for another program, and Mistral's
/// <c>consolidated*.safetensors</c> beside <c>model*.safetensors</c> with a <c>config.json</c>. Pure.
/// </summary>
internal static class WholeRepository
{
    private static readonly string[] OtherFormats =
    [
        ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".ot", ".onnx", ".onnx_data", ".gguf", ".ggml", ".tflite", ".mlmodel", ".pdparams", ".npz",
        ".nemo", ".tar", ".gz", ".zip", ".zst",
    ];

    /// <summary>Top folders with copies for other programs.</summary>
    private static readonly string[] OtherPrograms = ["original", "metal", "onnx", "openvino", "coreml", "tflite", "mlx", "gguf"];

    public static ImmutableArray<RepositoryFile> Choose(ImmutableArray<RepositoryFile> files)
    {
        bool huggingFaceNames = files.Any(file => file.Path == "config.json")
            && files.Any(file => IsTop(file) && IsSafetensors(file) && file.Name.StartsWith("model", StringComparison.OrdinalIgnoreCase));
        return
        [
            .. files.Where(file => !IsHidden(file.Path) && !IsOfOthers(file)
                && !(huggingFaceNames && IsTop(file) && file.Name.StartsWith("consolidated", StringComparison.OrdinalIgnoreCase)
                    && (IsSafetensors(file) || file.Name.EndsWith(".safetensors.index.json", StringComparison.OrdinalIgnoreCase)))),
        ];
    }

    public static bool IsSafetensors(RepositoryFile file) => file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    private static bool IsTop(RepositoryFile file) => !file.Path.Contains('/', StringComparison.Ordinal);

    private static bool IsHidden(string path) => path.StartsWith('.') || path.Contains("/.", StringComparison.Ordinal);

    private static bool IsOfOthers(RepositoryFile file)
    {
        int slash = file.Path.IndexOf('/', StringComparison.Ordinal);
        return (slash > 0 && OtherPrograms.Contains(file.Path[..slash], StringComparer.OrdinalIgnoreCase))
            || file.Path.Contains(".mlpackage/", StringComparison.OrdinalIgnoreCase)
            || Array.Exists(OtherFormats, ending => file.Path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            || file.Name.Equals("pytorch_model.bin.index.json", StringComparison.OrdinalIgnoreCase);
    }
}
