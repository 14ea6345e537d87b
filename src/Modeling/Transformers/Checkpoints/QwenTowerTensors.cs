using System.Globalization;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The vision towers of Qwen2-VL, Qwen2.5-VL and Qwen3-VL.</summary>
internal static class QwenTowerTensors
{
    public static void Write(CheckpointBuilder builder, ConfigNode vision, string modelType)
    {
        const string module = "visual.";
        bool second = modelType is "qwen2_vl";
        bool third = modelType is not ("qwen2_vl" or "qwen2_5_vl");
        int hidden = second ? vision.Length(1280, "embed_dim") : vision.Length(third ? 1152 : 1280, "hidden_size");
        int length = second ? checked((int)(Math.Clamp(vision.Number(4, "mlp_ratio"), 0, 64) * hidden)) : vision.Length(third ? 4304 : 3420, "intermediate_size");
        int patch = vision.Length(third ? 16 : 14, "patch_size", "spatial_patch_size");
        int frames = vision.Count(2, "temporal_patch_size");
        builder.Tensor(module + "patch_embed.proj.weight", hidden, vision.Count(3, "in_channels", "in_chans"), frames, patch, patch);
        if (third)
        {
            builder.Tensor(module + "patch_embed.proj.bias", hidden);
            builder.Tensor(module + "pos_embed.weight", vision.Length(2304, "num_position_embeddings"), hidden);
        }

        int layers = (int)vision.Integer(third ? 27 : 32, 0, ConfigNode.MaximumLayers, "depth");
        bool biasedNorm = second || third;
        for (int i = 0; i < layers; i++)
        {
            string block = string.Create(CultureInfo.InvariantCulture, $"{module}blocks.{i}.");
            builder.Norm(block + "norm1", hidden, biasedNorm);
            builder.Norm(block + "norm2", hidden, biasedNorm);
            builder.Linear(block + "attn.qkv", 3L * hidden, hidden, bias: true);
            builder.Linear(block + "attn.proj", hidden, hidden, bias: true);
            Block(builder, block + "mlp.", modelType, hidden, length);
        }

        int merge = vision.Count(2, "spatial_merge_size");
        long merged = (long)hidden * merge * merge;
        int output = second ? vision.Length(builder.Config.Hidden, "hidden_size") : vision.Length(builder.Config.Hidden, "out_hidden_size");
        if (!third)
        {
            builder.Norm(module + "merger.ln_q", hidden, second);
            builder.Linear(module + "merger.mlp.0", merged, merged, bias: true);
            builder.Linear(module + "merger.mlp.2", output, merged, bias: true);
            return;
        }

        Merger(builder, module + "merger.", hidden, merged, output);
        int deep = vision.Integers("deepstack_visual_indexes")?.Length ?? (modelType.StartsWith("qwen3_vl", StringComparison.Ordinal) ? 3 : 0);
        for (int i = 0; i < deep; i++)
        {
            Merger(builder, string.Create(CultureInfo.InvariantCulture, $"{module}deepstack_merger_list.{i}."), merged, merged, output);
        }
    }

    private static void Block(CheckpointBuilder builder, string module, string modelType, int hidden, int length)
    {
        switch (modelType)
        {
            case "qwen2_vl":
                builder.Linear(module + "fc1", length, hidden, bias: true);
                builder.Linear(module + "fc2", hidden, length, bias: true);
                break;
            case "qwen2_5_vl":
                builder.Linear(module + "gate_proj", length, hidden, bias: true);
                builder.Linear(module + "up_proj", length, hidden, bias: true);
                builder.Linear(module + "down_proj", hidden, length, bias: true);
                break;
            default:
                builder.Linear(module + "linear_fc1", length, hidden, bias: true);
                builder.Linear(module + "linear_fc2", hidden, length, bias: true);
                break;
        }
    }

    private static void Merger(CheckpointBuilder builder, string module, long normed, long merged, int output)
    {
        builder.Norm(module + "norm", normed, bias: true);
        builder.Linear(module + "linear_fc1", merged, merged, bias: true);
        builder.Linear(module + "linear_fc2", output, merged, bias: true);
    }
}
