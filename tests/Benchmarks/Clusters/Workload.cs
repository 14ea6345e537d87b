using System.Globalization;
using System.Text;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>
/// The deployments: of twenty, sixteen of three models on one GPU, two of a 70B model on the GPUs of one node and two over several nodes.
/// </summary>
internal static class Workload
{
    private static readonly (string Repository, string File, string Scope)[] s_kinds =
    [
        ("Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Auto"),
        ("Llama-3.2-1B-Instruct-GGUF", "Llama-3.2-1B-Instruct-Q8_0.gguf", "Auto"),
        ("Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Auto"),
        ("Llama-3.3-70B-Instruct-GGUF", "Llama-3.3-70B-Instruct-Q4_K_M.gguf", "SingleNode"),
        ("Qwen3-30B-A3B-GGUF", "Qwen3-30B-A3B-Q4_K_M.gguf", "Auto"),
        ("Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Auto"),
        ("Llama-3.2-1B-Instruct-GGUF", "Llama-3.2-1B-Instruct-Q8_0.gguf", "Auto"),
        ("Llama-3.3-70B-Instruct-GGUF", "Llama-3.3-70B-Instruct-Q4_K_M.gguf", "MultiNode"),
        ("Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Auto"),
        ("Llama-3.1-8B-Instruct-GGUF", "Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Auto"),
    ];

    /// <summary>As many deployments have every kind among them.</summary>
    public static int Kinds => s_kinds.Length;

    /// <summary>The name of a deployment.</summary>
    public static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"model-{index:00000}");

    /// <summary>A deployment that finds a place.</summary>
    public static byte[] Fitting(int index)
    {
        (string repository, string file, string scope) = s_kinds[index % s_kinds.Length];
        return Manifest(index, repository, file, scope);
    }

    /// <summary>A deployment that no GPU of the fleet holds.</summary>
    public static byte[] Waiting(int index) => Manifest(index, "DeepSeek-R1-GGUF", "DeepSeek-R1-IQ2_XXS.gguf", "SingleGpu");

    private static byte[] Manifest(int index, string repository, string file, string scope) => Encoding.UTF8.GetBytes(
        $$$"""
        {"apiVersion":"inference.gpustack.io/v1alpha1","kind":"ModelDeployment","metadata":{"name":"{{{Name(index)}}}","namespace":"default"},
        "spec":{"model":{"huggingFace":{"repository":"gpustack/{{{repository}}}","file":"{{{file}}}"}},
        "engine":{"type":"LlamaCpp","contextLength":4096},"placement":{"scope":"{{{scope}}}"} } }
        """);
}
