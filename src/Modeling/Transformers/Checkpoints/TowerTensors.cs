using System.Globalization;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The tensors of vision towers and of the projectors that lead from them into the language model.</summary>
internal static class TowerTensors
{
    /// <summary>
    /// Parameters of Gemma 3n's image and sound towers and of what leads from them into the model: a convolutional network and a
    /// conformer that the configuration names but does not measure. What the published totals of E2B and E4B both exceed their text models by.
    /// </summary>
    private const long Gemma3nTowers = 983_281_504;

    /// <summary>Writes the towers; false when they are of a kind that is not described here, and what was written is an upper bound.</summary>
    public static bool Write(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        ConfigNode parent = config.Root.Object("thinker_config") ?? config.Root;
        ConfigNode? vision = parent.Object("vision_config");
        ConfigNode? audio = parent.Object("audio_config", "sound_config");
        if (config.Root.Text("model_type") is "gemma3n")
        {
            if (vision is not null || audio is not null)
            {
                builder.Tensor("vision_tower.weight", Gemma3nTowers);
            }

            return true;
        }

        bool known = true;
        if (vision is not null)
        {
            known = Vision(builder, config.Root.Text("model_type") ?? "", vision);
        }

        if (audio is not null)
        {
            Unknown(builder, "audio_tower.", audio);
            known = false;
        }

        return known;
    }

    private static bool Vision(CheckpointBuilder builder, string modelType, ConfigNode vision)
    {
        string visionType = vision.Text("model_type") ?? "";
        var tower = new VisionTower(builder, vision);
        switch (modelType)
        {
            case "qwen2_vl" or "qwen2_5_vl" or "qwen3_vl" or "qwen3_vl_moe" or "qwen3_5" or "qwen3_5_moe":
                QwenTowerTensors.Write(builder, vision, modelType);
                return true;
            case "internvl_chat" when !visionType.Contains("siglip", StringComparison.Ordinal):
                InternVision(builder, vision);
                return true;
            case "llama4":
                Llama4(builder, tower, vision);
                return true;
        }

        if (visionType is "pixtral")
        {
            tower.Pixtral();
        }
        else if (visionType is "clip_vision_model" or "siglip_vision_model")
        {
            tower.Clip(siglip: visionType is "siglip_vision_model");
        }

        bool known = visionType is "pixtral" or "clip_vision_model" or "siglip_vision_model";
        if (!known)
        {
            Unknown(builder, "vision_tower.", vision);
        }

        return Projector(builder, modelType, tower.Hidden) && known;
    }

    private static bool Projector(CheckpointBuilder builder, string modelType, int length)
    {
        TextConfig config = builder.Config;
        ConfigNode root = config.Root;
        const string module = "multi_modal_projector.";
        switch (modelType)
        {
            case "gemma3":
                builder.Tensor(module + "mm_input_projection_weight", length, config.Hidden);
                builder.Norm(module + "mm_soft_emb_norm", length);
                return true;
            case "paligemma":
                builder.Linear(module + "linear", root.Object("vision_config")?.Length(config.Hidden, "projection_dim") ?? config.Hidden, length, bias: true);
                return true;
            case "mistral3":
                int merge = root.Count(2, "spatial_merge_size");
                builder.Norm(module + "norm", length);
                builder.Linear(module + "patch_merger.merging_layer", length, (long)length * merge * merge);
                builder.Linear(module + "linear_1", config.Hidden, length, root.Flag("multimodal_projector_bias"));
                builder.Linear(module + "linear_2", config.Hidden, config.Hidden, root.Flag("multimodal_projector_bias"));
                return true;
            case "mistral" or "mixtral" or "mistral_latent":
                Mistral(builder, root, length);
                return true;
            case "llava" or "llava_next":
                bool bias = root.Flag("multimodal_projector_bias", otherwise: true);
                builder.Linear(module + "linear_1", config.Hidden, length, bias);
                builder.Linear(module + "linear_2", config.Hidden, config.Hidden, bias);
                if (modelType is "llava_next")
                {
                    builder.Tensor("image_newline", config.Hidden);
                }

                return true;
            default:
                builder.Linear(module + "linear_1", config.Hidden, 4L * length, bias: true);
                builder.Linear(module + "linear_2", config.Hidden, 4L * config.Hidden, bias: true);
                return false;
        }
    }

    /// <summary>Mistral's own format.</summary>
    private static void Mistral(CheckpointBuilder builder, ConfigNode root, int length)
    {
        int hidden = builder.Config.Hidden;
        ConfigNode? encoder = root.Object("vision_encoder");
        if (encoder?.Text("mm_projector_id") is "patch_merge")
        {
            int merge = encoder.Count(2, "spatial_merge_size");
            builder.Linear("patch_merger.merging_layer", length, (long)length * merge * merge);
        }

        if (encoder?.Flag("add_pre_mm_projector_layer_norm") is true)
        {
            builder.Norm("pre_mm_projector_norm", length);
        }

        bool bias = encoder?.Flag("adapter_bias") ?? false;
        builder.Linear("vision_language_adapter.w_in", hidden, length, bias);
        builder.Linear("vision_language_adapter.w_out", hidden, hidden, bias);
    }

    private static void Llama4(CheckpointBuilder builder, VisionTower tower, ConfigNode vision)
    {
        tower.Llama4();
        int input = vision.Length(4096, "projector_input_dim");
        int output = vision.Length(4096, "projector_output_dim");
        builder.Linear("vision_model.vision_adapter.mlp.fc1", input, tower.Intermediate);
        builder.Linear("vision_model.vision_adapter.mlp.fc2", output, input);
        builder.Linear("multi_modal_projector.linear_1", builder.Config.Hidden, vision.Length(output, "vision_output_dim"));
    }

    private static void InternVision(CheckpointBuilder builder, ConfigNode vision)
    {
        const string module = "vision_model.";
        int hidden = vision.Length(1024, "hidden_size");
        int length = vision.Length(4096, "intermediate_size");
        int patch = Math.Max(1, vision.Length(14, "patch_size"));
        long positions = vision.Length(448, "image_size") / patch;
        bool biasedNorm = vision.Text("norm_type") is not "rms_norm";
        builder.Tensor(module + "embeddings.class_embedding", 1, 1, hidden);
        builder.Tensor(module + "embeddings.patch_embedding.weight", hidden, 3, patch, patch);
        builder.Tensor(module + "embeddings.patch_embedding.bias", hidden);
        builder.Tensor(module + "embeddings.position_embedding", 1, (positions * positions) + 1, hidden);
        int layers = (int)vision.Integer(24, 0, ConfigNode.MaximumLayers, "num_hidden_layers");
        for (int i = 0; i < layers; i++)
        {
            string layer = string.Create(CultureInfo.InvariantCulture, $"{module}encoder.layers.{i}.");
            builder.Linear(layer + "attn.qkv", 3L * hidden, hidden, vision.Flag("qkv_bias", otherwise: true));
            builder.Linear(layer + "attn.proj", hidden, hidden, bias: true);
            if (vision.Flag("qk_normalization"))
            {
                builder.Norm(layer + "attn.q_norm", hidden);
                builder.Norm(layer + "attn.k_norm", hidden);
            }

            builder.Norm(layer + "norm1", hidden, biasedNorm);
            builder.Norm(layer + "norm2", hidden, biasedNorm);
            builder.Tensor(layer + "ls1", hidden);
            builder.Tensor(layer + "ls2", hidden);
            builder.Linear(layer + "mlp.fc1", length, hidden, bias: true);
            builder.Linear(layer + "mlp.fc2", hidden, length, bias: true);
        }

        double ratio = builder.Config.Root.Number(0.5, "downsample_ratio");
        int merge = ratio is > 0.01 and <= 1 ? (int)Math.Round(1 / ratio) : 2;
        long merged = (long)hidden * merge * merge;
        builder.Norm("mlp1.0", merged, bias: true);
        builder.Linear("mlp1.1", builder.Config.Hidden, merged, bias: true);
        builder.Linear("mlp1.3", builder.Config.Hidden, builder.Config.Hidden, bias: true);
    }

    /// <summary>A tower of unknown kind: gated layers of the stated size; a thousand million parameters where none is stated.</summary>
    private static void Unknown(CheckpointBuilder builder, string module, ConfigNode node)
    {
        int hidden = node.Length(0, "hidden_size", "embed_dim", "d_model", "width");
        int layers = (int)node.Integer(0, 0, ConfigNode.MaximumLayers, "num_hidden_layers", "depth", "encoder_layers", "layers");
        int length = node.Length(4 * hidden, "intermediate_size", "encoder_ffn_dim");
        if (hidden == 0 || layers == 0)
        {
            builder.Tensor(module + "weight", 1_000_000_000);
            return;
        }

        builder.Tensor(module + "embeddings.weight", 16384, hidden);
        for (int i = 0; i < layers; i++)
        {
            string layer = string.Create(CultureInfo.InvariantCulture, $"{module}layers.{i}.");
            builder.Linear(layer + "qkv_proj", 4L * hidden, hidden, bias: true);
            builder.Linear(layer + "o_proj", hidden, hidden, bias: true);
            builder.Linear(layer + "gate_up_proj", 2L * length, hidden, bias: true);
            builder.Linear(layer + "down_proj", hidden, length, bias: true);
            builder.Norm(layer + "norm", 4L * hidden, bias: true);
        }
    }
}
