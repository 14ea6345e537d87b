using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Fits;
using GpuStack.Modeling.LlamaCpp.Parts;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp.Fits;

public class FileSearchTests
{
    [Fact]
    public async Task Files_are_judged_by_their_sizes_the_largest_first()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.1-8B-Instruct-Q4_K_M.gguf") };
        (string Path, string? Quantization, Bytes Size)[] files =
        [
            ("a-Q2_K.gguf", "Q2_K", Bytes.FromGiB(3)), ("a-F16.gguf", "F16", Bytes.FromGiB(15)), ("a-Q4_K_M.gguf", "Q4_K_M", server.Model.TotalWeightBytes), ("a-Q8_0.gguf", "Q8_0", Bytes.FromGiB(8)),
        ];

        ImmutableArray<FileFit> fits = FileSearch.Of(
            files, server.Model.TotalWeightBytes, server, new LlamaCppOptions { ContextLength = new Tokens(8192) }, [Bytes.FromGiB(7)], rpcDevices: 0);

        Assert.Equal(["a-F16.gguf", "a-Q8_0.gguf", "a-Q4_K_M.gguf", "a-Q2_K.gguf"], fits.Select(fit => fit.Path));
        Assert.Equal([false, false, true, true], fits.Select(fit => fit.Fits));
    }
}
