using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The tensors of recurrent layers.</summary>
internal static class RecurrentTensors
{
    /// <summary>Writes one layer's mixer.</summary>
    /// <param name="builder">Takes the tensors.</param>
    /// <param name="module">The mixer's name, with its dot.</param>
    /// <param name="innerNorms">Whether Jamba's norms of step, B and C are there.</param>
    /// <param name="gatedNorm">Whether Mamba 2's norm of the gated output is there.</param>
    public static void Write(CheckpointBuilder builder, string module, bool innerNorms = false, bool gatedNorm = true)
    {
        TextConfig config = builder.Config;
        ConfigNode node = config.Node;
        RecurrentLayer layer = RecurrentLayer.Of(config);
        int hidden = config.Hidden;
        bool convolutionBias = node.Flag("mamba_conv_bias", node.Flag("use_conv_bias", otherwise: true));
        bool bias = node.Flag("mamba_proj_bias", node.Flag("use_bias"));
        switch (layer.Kind)
        {
            case RecurrentLayerKind.Mamba:
                builder.Linear(module + "in_proj", 2L * layer.Inner, hidden, bias);
                Convolution(builder, module, layer, convolutionBias);
                builder.Linear(module + "x_proj", layer.StepRank + (2L * layer.State), layer.Inner);
                builder.Linear(module + "dt_proj", layer.Inner, layer.StepRank, bias: true);
                builder.Tensor(module + "A_log", layer.Inner, layer.State);
                builder.Tensor(module + "D", layer.Inner);
                builder.Linear(module + "out_proj", hidden, layer.Inner, bias);
                if (innerNorms)
                {
                    builder.Norm(module + "dt_layernorm", layer.StepRank);
                    builder.Norm(module + "b_layernorm", layer.State);
                    builder.Norm(module + "c_layernorm", layer.State);
                }

                break;
            case RecurrentLayerKind.Mamba2:
                builder.Linear(module + "in_proj", layer.Inner + layer.ConvolutionChannels + layer.Heads, hidden, bias);
                Convolution(builder, module, layer, convolutionBias);
                builder.Tensor(module + "A_log", layer.Heads);
                builder.Tensor(module + "D", layer.Heads);
                builder.Tensor(module + "dt_bias", layer.Heads);
                if (gatedNorm)
                {
                    builder.Norm(module + "norm", layer.Inner);
                }

                builder.Linear(module + "out_proj", hidden, layer.Inner, bias);
                break;
            case RecurrentLayerKind.DeltaNet:
                DeltaNet(builder, module, layer);
                break;
            case RecurrentLayerKind.Lightning:
                builder.Linear(module + "qkv_proj", 3L * layer.Inner, hidden);
                builder.Linear(module + "output_gate", layer.Inner, hidden);
                builder.Norm(module + "norm", layer.Inner);
                builder.Linear(module + "out_proj", hidden, layer.Inner);
                break;
            default:
                builder.Linear(module + "in_proj", 3L * hidden, hidden, node.Flag("conv_bias"));
                builder.Tensor(module + "conv.weight", hidden, 1, layer.Kernel);
                builder.Linear(module + "out_proj", hidden, hidden, node.Flag("conv_bias"));
                break;
        }
    }

    private static void DeltaNet(CheckpointBuilder builder, string module, RecurrentLayer layer)
    {
        int hidden = builder.Config.Hidden;
        if (builder.Config.ModelType is "qwen3_next")
        {
            builder.Linear(module + "in_proj_qkvz", layer.ConvolutionChannels + layer.Inner, hidden);
            builder.Linear(module + "in_proj_ba", 2L * layer.Heads, hidden);
        }
        else
        {
            builder.Linear(module + "in_proj_qkv", layer.ConvolutionChannels, hidden);
            builder.Linear(module + "in_proj_z", layer.Inner, hidden);
            builder.Linear(module + "in_proj_b", layer.Heads, hidden);
            builder.Linear(module + "in_proj_a", layer.Heads, hidden);
        }

        Convolution(builder, module, layer, bias: false);
        builder.Tensor(module + "A_log", layer.Heads);
        builder.Tensor(module + "dt_bias", layer.Heads);
        builder.Norm(module + "norm", layer.HeadLength);
        builder.Linear(module + "out_proj", hidden, layer.Inner);
    }

    private static void Convolution(CheckpointBuilder builder, string module, RecurrentLayer layer, bool bias)
    {
        builder.Tensor(module + "conv1d.weight", layer.ConvolutionChannels, 1, layer.Kernel);
        if (bias)
        {
            builder.Tensor(module + "conv1d.bias", layer.ConvolutionChannels);
        }
    }
}
