using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.VLLM;

/// <summary>
/// The peak of vLLM's profiling run (<c>GPUModelRunner.profile_run</c>), derived from the model's shape: the run computes one batch of
/// <c>max_num_batched_tokens</c> without attention, and samples from the logits of <c>max_num_seqs</c> of them. The peak is either
/// inside a layer, or in the sampler, while the hidden states, the experts' workspace and the encoder's output are still held.
/// </summary>
internal static class VllmActivations
{
    /// <summary>The peak on each rank of a stage.</summary>
    public static Bytes Peak(ServedModel served, VllmOptions options, in VllmBatch batch, in PipelineStage stage)
    {
        TransformerModel model = served.Model;
        double element = LayerActivations.ElementBytes(model, options.DataType);
        double hidden = (double)batch.Tokens * model.HiddenSize * element;
        double kept = ExpertWorkspace(model, options, batch, element);
        double layer = LayerPeak(served, options, batch.Tokens);
        if (!VllmRules.ExpertWorkspaceIsKept(options.Version))
        {
            (layer, kept) = (Math.Max(layer, kept + (LayerActivations.HiddenRows * hidden)), 0);
        }

        kept += stage.First ? 0 : 2 * hidden;
        kept += EncoderOutput(served, options, hidden);
        double sampler = stage.Last
            ? hidden + (2.0 * batch.Sequences * model.HiddenSize * element)
                + ((double)batch.Sequences * model.VocabularySize * VllmRules.BytesPerLogit(options.Version, options.FlashInferSampler))
            : 2 * hidden;
        return GpuProcess.CublasWorkspace + new Bytes((long)(kept + Math.Max(layer, sampler)));
    }

    /// <summary>The peak of a pass over so few tokens, as a CUDA graph holds it: no sampler, no workspace.</summary>
    public static Bytes OfGraph(ServedModel served, VllmOptions options, int tokens) => new((long)LayerPeak(served, options, tokens));

    private static double LayerPeak(ServedModel served, VllmOptions options, long tokens) =>
        LayerActivations.PerToken(served, options.TensorParallel) * tokens * LayerActivations.ElementBytes(served.Model, options.DataType);

    /// <summary>
    /// The two buffers of fused experts (<c>workspace_shapes</c> of <c>TritonExperts</c> in <c>fused_moe.py</c>): for each token and each of
    /// its experts the wider of activation and hidden state, and the wider of gate with up and hidden state. The kernels for
    /// MXFP4 have none.
    /// </summary>
    private static double ExpertWorkspace(TransformerModel model, VllmOptions options, in VllmBatch batch, double element)
    {
        if (model.ExpertCount == 0 || model.Quantization == QuantizationMethod.Mxfp4)
        {
            return 0;
        }

        double inner = (double)model.ExpertIntermediateSize / (options.ExpertParallel ? 1 : options.TensorParallel);
        double rows = (double)batch.Tokens * model.ExpertsPerToken * element;
        return rows * (Math.Max(inner, model.HiddenSize) + Math.Max(2 * inner, model.HiddenSize));
    }

    /// <summary>The encoder's output for one full batch, cached while the language model is profiled (<c>encoder_cache</c>).</summary>
    private static double EncoderOutput(ServedModel served, VllmOptions options, double hidden) =>
        !options.LanguageModelOnly && served.HasTowers ? hidden : 0;
}
