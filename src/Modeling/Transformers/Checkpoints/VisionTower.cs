using System.Globalization;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>Vision transformers in the names of CLIP, SigLIP, Pixtral and Llama 4.</summary>
internal sealed class VisionTower(CheckpointBuilder builder, ConfigNode vision)
{
    private readonly bool _pixtral = vision.Text("model_type") is "pixtral";

    public int Hidden => vision.Length(_pixtral ? 1024 : 768, "hidden_size");

    public int Intermediate => vision.Length(_pixtral ? 4096 : 3072, "intermediate_size");

    private int Patch => Math.Max(1, vision.Length(16, "patch_size"));

    private int Positions => (int)Math.Min(1 << 20, (long)(vision.Length(224, "image_size") / Patch) * (vision.Length(224, "image_size") / Patch));

    private int Layers => (int)vision.Integer(_pixtral ? 24 : 12, 0, ConfigNode.MaximumLayers, "num_hidden_layers");

    public void Clip(bool siglip)
    {
        const string module = "vision_tower.vision_model.";
        if (!siglip)
        {
            builder.Tensor(module + "embeddings.class_embedding", Hidden);
            builder.Norm(module + "pre_layrnorm", Hidden, bias: true);
        }

        builder.Tensor(module + "embeddings.patch_embedding.weight", Hidden, 3, Patch, Patch);
        if (siglip)
        {
            builder.Tensor(module + "embeddings.patch_embedding.bias", Hidden);
        }

        builder.Tensor(module + "embeddings.position_embedding.weight", Positions + (siglip ? 0 : 1), Hidden);
        for (int i = 0; i < Layers; i++)
        {
            string layer = Layer(module + "encoder.", i);
            Attention(layer + "self_attn.", "out_proj", bias: true);
            builder.Norm(layer + "layer_norm1", Hidden, bias: true);
            builder.Norm(layer + "layer_norm2", Hidden, bias: true);
            Plain(layer);
        }

        builder.Norm(module + "post_layernorm", Hidden, bias: true);
    }

    public void Pixtral()
    {
        const string module = "vision_tower.";
        builder.Tensor(module + "patch_conv.weight", Hidden, 3, Patch, Patch);
        builder.Norm(module + "ln_pre", Hidden);
        for (int i = 0; i < Layers; i++)
        {
            string layer = Layer(module + "transformer.", i);
            Attention(layer + "attention.", "o_proj", bias: false);
            builder.Norm(layer + "attention_norm", Hidden);
            builder.Norm(layer + "ffn_norm", Hidden);
            builder.Linear(layer + "feed_forward.gate_proj", Intermediate, Hidden);
            builder.Linear(layer + "feed_forward.up_proj", Intermediate, Hidden);
            builder.Linear(layer + "feed_forward.down_proj", Hidden, Intermediate);
        }
    }

    public void Llama4()
    {
        const string module = "vision_model.";
        builder.Tensor(module + "class_embedding", Hidden);
        builder.Plain(module + "patch_embedding.linear", Hidden, 3L * Patch * Patch);
        builder.Tensor(module + "positional_embedding_vlm", Positions + 1, Hidden);
        builder.Norm(module + "layernorm_pre", Hidden, bias: true);
        builder.Norm(module + "layernorm_post", Hidden, bias: true);
        for (int i = 0; i < Layers; i++)
        {
            string layer = Layer(module + "model.", i);
            Attention(layer + "self_attn.", "o_proj", bias: true);
            builder.Norm(layer + "input_layernorm", Hidden, bias: true);
            builder.Norm(layer + "post_attention_layernorm", Hidden, bias: true);
            Plain(layer);
        }
    }

    private static string Layer(string module, int index) => string.Create(CultureInfo.InvariantCulture, $"{module}layers.{index}.");

    private void Attention(string module, string output, bool bias)
    {
        builder.Linear(module + "q_proj", Hidden, Hidden, bias);
        builder.Linear(module + "k_proj", Hidden, Hidden, bias);
        builder.Linear(module + "v_proj", Hidden, Hidden, bias);
        builder.Linear(module + output, Hidden, Hidden, bias);
    }

    private void Plain(string layer)
    {
        builder.Linear(layer + "mlp.fc1", Intermediate, Hidden, bias: true);
        builder.Linear(layer + "mlp.fc2", Hidden, Intermediate, bias: true);
    }
}
