using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Modeling.Tests.Serving;

public class ServedModelTests
{
    [Fact]
    public void One_rank_holds_every_weight_once_and_the_rotary_table()
    {
        Assert.Equal(8_030_261_248, TransformerShapes.Llama8B.ParameterCount);
        Assert.Equal(TransformerShapes.Llama8B.WeightSize + Rotary(TransformerShapes.Llama8B), Weights(TransformerShapes.Llama8B, 1, 1)[0]);
    }

    [Fact]
    public void More_ranks_than_key_value_heads_hold_copies_of_them()
    {
        TransformerModel model = TransformerShapes.Llama8B;
        long keyValue = 32L * 2 * 2 * 4096 * 8 * 128;

        Bytes eight = Weights(model, 8, 1)[0];
        Bytes sixteen = Weights(model, 16, 1)[0];

        long whole = (2L * ((32 * 2 * 4096) + 4096)) + Rotary(model).Value;
        Assert.Equal(((eight.Value - whole - (keyValue / 8)) / 2) + whole + (keyValue / 8), sixteen.Value);
    }

    [Fact]
    public void The_vocabulary_is_padded_before_it_is_divided()
    {
        TransformerModel model = TransformerShapes.Llama8B with { VocabularySize = 128_200 };

        Bytes padded = Weights(model, 1, 1)[0];

        long rows = TransformerShapes.Llama8B.WeightSize.Value + (2L * 2 * 4096 * 128_256 * 56 / 128_200);
        Assert.InRange(padded.Value - Rotary(model).Value, rows - 1, rows + 1);
    }

    [Fact]
    public void Tied_embeddings_are_held_by_the_first_and_the_last_stage()
    {
        TransformerModel model = TransformerShapes.Gemma27B;

        Bytes[] stages = Weights(model, 1, 3);

        Assert.Equal(model.WeightSize.Value + (2L * 262_208 * 5376) + (3 * Rotary(model).Value), stages.Sum(static stage => stage.Value));
    }

    [Fact]
    public void Experts_are_divided_or_spread_as_wholes()
    {
        TransformerModel model = TransformerShapes.Mixture;
        long experts = 48L * 2 * 3 * 2048 * 768 * 128;

        Bytes divided = Estimate(model, new VllmOptions { GpuMemory = Bytes.FromGiB(141), TensorParallel = 32 });
        Bytes whole = Estimate(model with { ExpertCount = 120 }, new VllmOptions { GpuMemory = Bytes.FromGiB(141), TensorParallel = 32, ExpertParallel = true });

        // 120 experts on 32 ranks are 4 on the fullest, a thirtieth; parts of them are a thirty-second.
        Assert.InRange(whole.Value - divided.Value, (experts / 30) - (experts / 32) - 1, (experts / 30) - (experts / 32) + 1);
    }

    [Theory]
    [InlineData(LoadQuantization.Fp8, 1.0)]
    [InlineData(LoadQuantization.BitsAndBytes, 0.5625)]
    public void Linear_layers_are_quantized_while_loading_and_embeddings_are_not(LoadQuantization quantization, double bytesPerWeight)
    {
        TransformerModel model = TransformerShapes.Llama8B;
        long linear = 32L * ((2 * 4096 * 4096) + (3 * 4096 * 14336) + (2 * 4096 * 1024));

        Bytes loaded = Estimate(model, new VllmOptions { GpuMemory = Bytes.FromGiB(80), Quantization = quantization });

        Assert.Equal(model.WeightSize.Value - (2 * linear) + (long)(linear * bytesPerWeight), loaded.Value - Rotary(model).Value);
    }

    [Fact]
    public void A_quantized_checkpoint_is_not_quantized_again()
    {
        TransformerModel model = TransformerShapes.Llama8B with { Quantization = QuantizationMethod.Awq, QuantizationBits = 4 };

        Assert.Equal(model.WeightSize + Rotary(model), Estimate(model, new VllmOptions { GpuMemory = Bytes.FromGiB(80), Quantization = LoadQuantization.Fp8 }));
    }

    [Fact]
    public void Float32_takes_twice_as_much()
    {
        Assert.Equal(
            (TransformerShapes.Llama8B.WeightSize + Rotary(TransformerShapes.Llama8B)) * 2,
            Estimate(TransformerShapes.Llama8B, new VllmOptions { GpuMemory = Bytes.FromGiB(80), DataType = ElementType.F32 }));
    }

    [Theory]
    [InlineData(5, 1, "32 attention heads")]
    [InlineData(1, 33, "too few for 33 pipeline stages")]
    [InlineData(0, 1, "at least 1")]
    public void A_layout_that_the_engines_refuse_says_why(int tensor, int pipeline, string expected)
    {
        var served = ServedModel.Of(TransformerShapes.Llama8B);

        string? refusal = served.Refusal(tensor, pipeline);

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        ArgumentException error = Assert.Throws<ArgumentException>(() => VllmEstimator.Estimate(
            served,
            new VllmOptions { GpuMemory = Bytes.FromGiB(80), TensorParallel = tensor, PipelineParallel = pipeline },
            new(new(4096))));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SglangEstimator.Estimate(
            served,
            new SglangOptions { GpuMemory = Bytes.FromGiB(80), TensorParallel = tensor, PipelineParallel = pipeline },
            new(new(4096))));
    }

    [Fact]
    public void Key_value_heads_feed_forward_and_vocabulary_must_divide_too()
    {
        TransformerModel heads = TransformerShapes.Llama8B with { HeadCount = 48 };
        TransformerModel rows = TransformerShapes.Llama8B with { HeadCount = 48, IntermediateSize = 14337, VocabularySize = 64, Layers = [new(TransformerLayerKind.Full, 3, 128, 128)], Weights = [] };

        Assert.Contains("8 key and value heads", ServedModel.Of(heads).Refusal(3, 1), StringComparison.Ordinal);
        Assert.Contains("feed-forward length of Llama-3.1-8B, 14336", ServedModel.Of(TransformerShapes.Llama8B with { HeadCount = 48, Layers = [.. TransformerShapes.Llama8B.Layers.Select(static layer => layer with { KeyValueHeads = 6 })] }).Refusal(3, 1), StringComparison.Ordinal);
        Assert.Contains("padded to 64 rows", ServedModel.Of(rows).Refusal(3, 1), StringComparison.Ordinal);
        Assert.Null(ServedModel.Of(TransformerShapes.Llama8B).Refusal(16, 3));
    }

    [Fact]
    public void Weights_of_a_layer_that_is_not_there_are_refused()
    {
        TransformerModel model = TransformerShapes.Llama8B with { Layers = [TransformerShapes.Llama8B.Layers[0]] };

        Assert.Contains("but 1 layers", Assert.Throws<ArgumentException>(() => ServedModel.Of(model)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ServedModel.Of(model with { Layers = [] }));
    }

    [Fact]
    public void Experts_in_mxfp4_are_padded_to_the_kernels_tiles()
    {
        TransformerModel model = TransformerShapes.Mixture with { HiddenSize = 2880, ExpertIntermediateSize = 2880 };
        long experts = 48L * 2 * 3 * 2048 * 768 * 128;

        long padding = Weights(model with { Quantization = QuantizationMethod.Mxfp4 }, 1, 1)[0].Value - Weights(model, 1, 1)[0].Value;

        Assert.InRange(padding, (long)(experts * ((3072.0 * 2944 / 2880 / 2880) - 1)) - 1, (long)(experts * ((3072.0 * 2944 / 2880 / 2880) - 1)) + 1);
    }

    [Fact]
    public void Latent_attention_keeps_its_up_projection_twice()
    {
        TransformerModel model = TransformerShapes.Latent;
        const long Copies = 27L * 512 * (128 + 128) * 16 * 2;

        Assert.Equal(model.WeightSize.Value + (163_840L * 64 * 2) + Copies, Weights(model, 1, 1)[0].Value);
    }

    [Fact]
    public void A_layer_may_have_attention_and_a_recurrent_state()
    {
        TransformerModel model = TransformerShapes.MostlyRecurrent with
        {
            Layers = [.. TransformerShapes.MostlyRecurrent.Layers.Select(static _ => new TransformerLayer(TransformerLayerKind.FullAndRecurrent, 2, 256, 256))],
        };

        ServingEstimate estimate = SglangEstimator.Estimate(ServedModel.Of(model), new SglangOptions { GpuMemory = Bytes.FromGiB(80) }, new(new(1000)));

        Assert.Equal((48L * 2048 * 1000) + (3 * 48L * ((3 * 8192 * 2) + (32 * 128 * 128 * 4))), estimate.Memory.Devices[0].KvCache.Value);
    }

    private static Bytes Rotary(TransformerModel model) => new(model.ContextLength.Value * 128 * 2);

    private static Bytes Estimate(TransformerModel model, VllmOptions options) =>
        VllmEstimator.Estimate(ServedModel.Of(model), options, new(new(4096))).Memory.Devices[0].Weight;

    private static Bytes[] Weights(TransformerModel model, int tensor, int pipeline)
    {
        ServingEstimate estimate = VllmEstimator.Estimate(
            ServedModel.Of(model),
            new VllmOptions { GpuMemory = Bytes.FromGiB(80), TensorParallel = tensor, PipelineParallel = pipeline },
            new(new(4096)));
        return [.. estimate.Memory.Devices.Where(static device => device.Kind == DeviceKind.Gpu).Select(static device => device.Weight)];
    }
}
