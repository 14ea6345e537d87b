using System.Runtime.InteropServices;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.VLLM;

/// <summary>The batch that vLLM profiles and serves with.</summary>
/// <param name="Tokens">Tokens in a batch (<c>max_num_batched_tokens</c>).</param>
/// <param name="Sequences">Sequences in a batch (<c>max_num_seqs</c>).</param>
/// <param name="MaxModelLength">The longest request, in tokens.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VllmBatch(long Tokens, long Sequences, long MaxModelLength)
{
    private static readonly Bytes LargeGpu = Bytes.FromGiB(70);

    /// <summary>
    /// The engine's defaults (<c>EngineArgs.get_batch_defaults</c>): GPUs of 70 GiB and more, but for the A100, have 8192 tokens as
    /// a server, 16384 in a program, and 1024 sequences; others 2048, 8192 and 256. Engine V0 profiles with the longest request,
    /// or with 2048 tokens when that is over 32768 and the prefill therefore chunked.
    /// </summary>
    public static VllmBatch Of(TransformerModel model, VllmOptions options)
    {
        long length = Math.Max(1, (options.MaxModelLength ?? model.ContextLength).Value);
        bool large = options.GpuMemory >= LargeGpu && options.GpuProduct?.Contains("a100", StringComparison.OrdinalIgnoreCase) != true;
        long tokens;
        long sequences;
        if (VllmRules.FixedBatches(options.Version))
        {
            tokens = (large, options.Offline) switch { (true, true) => 16384, (true, false) => 8192, (false, true) => 8192, _ => 2048 };
            sequences = large ? 1024 : 256;
        }
        else
        {
            tokens = length > 32768 ? 2048 : Math.Max(length, 2048);
            sequences = 256;
        }

        sequences = Math.Max(1, options.MaxSequences ?? sequences);
        tokens = options.MaxBatchedTokens ?? Math.Min(tokens, sequences * length);
        tokens = Math.Max(1, tokens);
        return new(tokens, Math.Min(sequences, tokens), length);
    }
}
