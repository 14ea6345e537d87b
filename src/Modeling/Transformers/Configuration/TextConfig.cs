using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>
/// The language model's part of a configuration, with the names that different model families use made one. What only one
/// family knows is asked of <see cref="Node"/> where that family is described.
/// </summary>
internal sealed record TextConfig
{
    /// <summary>The whole configuration; of a multimodal model the parent of <see cref="Node"/>.</summary>
    public required ConfigNode Root { get; init; }

    /// <summary>The language model's own object.</summary>
    public required ConfigNode Node { get; init; }

    public required string Architecture { get; init; }

    public required string ModelType { get; init; }

    public required int Hidden { get; init; }

    public required int Layers { get; init; }

    public required int Vocabulary { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadLength { get; init; }

    public required int ValueLength { get; init; }

    /// <summary>Feed-forward length of a dense layer.</summary>
    public required int Intermediate { get; init; }

    public required int Experts { get; init; }

    public required int ExpertsPerToken { get; init; }

    /// <summary>Feed-forward length of one expert.</summary>
    public required int ExpertIntermediate { get; init; }

    /// <summary>The context that transformers assumes where the file states none; 0 where that is not known.</summary>
    public int AssumedContext { get; init; }

    /// <summary>Whether the output head is the embedding.</summary>
    public required bool Tied { get; init; }

    /// <summary>False when the file does not say so, and <see cref="Tied"/> is what transformers would assume.</summary>
    public required bool TiedStated { get; init; }

    /// <summary>True for a vision or audio model around a language model.</summary>
    public bool Multimodal => Root.Object("vision_config", "audio_config", "sound_config") is not null || !ReferenceEquals(Root, Node);

    /// <summary>Whether engines keep a tower whole on every rank: those that they did not write again with divided layers.</summary>
    public bool WholeTowers => Root.Has("vision_encoder") || Root.Text("model_type") is "gemma3n";

    public static TextConfig Read(ConfigNode root)
    {
        ConfigNode parent = root.Object("thinker_config") ?? root;
        ConfigNode node = parent.Object("text_config", "llm_config", "language_config") ?? parent;
        string architecture = root.Texts("architectures").FirstOrDefault() ?? node.Texts("architectures").FirstOrDefault() ?? "";
        string modelType = node.Text("model_type") ?? root.Text("model_type") ?? "";
        Defaults defaults = Defaults.Of(modelType);
        bool chatGlm = modelType is "chatglm";

        int hidden = node.Length(defaults.Hidden, "hidden_size", "n_embd", "d_model", "dim", "model_dim");
        int layers = (int)node.Integer(defaults.Layers, 0, ConfigNode.MaximumLayers, chatGlm
            ? ["num_layers"]
            : ["num_hidden_layers", "n_layer", "n_layers", "num_layers"]);
        int heads = node.Count(defaults.Heads, "num_attention_heads", "n_head", "n_heads", "num_heads", "num_query_heads");
        int vocabulary = (int)node.Integer(
            parent.Integer(root.Integer(defaults.Vocabulary, 0, ConfigNode.MaximumVocabulary, "vocab_size"), 0, ConfigNode.MaximumVocabulary, "vocab_size"),
            0, ConfigNode.MaximumVocabulary, "padded_vocab_size", "vocab_size");
        if (hidden == 0 || layers == 0 || vocabulary == 0)
        {
            string missing = hidden == 0 ? "hidden_size" : layers == 0 ? "num_hidden_layers" : "vocab_size";
            throw node.Refuse($"states no {missing}", "name a folder with the configuration of a language model");
        }

        int headLength = node.Length(
            heads == 0 ? 0 : defaults.HeadLength > 0 ? defaults.HeadLength : hidden / heads,
            "head_dim", "attention_head_dim", "hidden_size_per_head", "kv_channels", "head_size");
        if (headLength == 0 && heads > 0)
        {
            headLength = hidden / heads;
        }

        int intermediate = FeedForward.Length(node, modelType, hidden, defaults.Intermediate);
        return new TextConfig
        {
            Root = root,
            Node = node,
            Architecture = architecture,
            ModelType = modelType,
            Hidden = hidden,
            Layers = layers,
            Vocabulary = vocabulary,
            Heads = heads,
            KeyValueHeads = ReadKeyValueHeads(node, modelType, heads, defaults.KeyValueHeads),
            HeadLength = headLength,
            ValueLength = node.Length(headLength, "v_head_dim"),
            Intermediate = intermediate,
            Experts = FeedForward.Experts(node),
            ExpertsPerToken = FeedForward.ExpertsPerToken(node),
            ExpertIntermediate = modelType is "llama4_text" ? node.Length(defaults.Intermediate, "intermediate_size") : node.Length(
                node.Object("ffn_config")?.Length(intermediate, "ffn_hidden_size") ?? node.Object("moe")?.Length(intermediate, "expert_hidden_dim") ?? intermediate,
                "moe_intermediate_size", "expert_ffn_hidden_size", "moe_ffn_hidden_size"),
            AssumedContext = defaults.Context,
            Tied = ReadTied(root, node, modelType),
            TiedStated = node.Has("tie_word_embeddings") || root.Has("tie_word_embeddings"),
        };
    }

    /// <summary>A value per layer: the list of that name where there is one of the right length, else the given value.</summary>
    public ImmutableArray<int> PerLayer(string name, int otherwise) =>
        Node.Integers(name) is { } list && list.Length >= Layers ? list[..Layers] : [.. Enumerable.Repeat(otherwise, Layers)];

    private static int ReadKeyValueHeads(ConfigNode node, string modelType, int heads, int otherwise)
    {
        int fallback = otherwise > 0 ? otherwise : heads;
        if (modelType is "falcon" or "RefinedWeb" or "RefinedWebModel" or "gpt_bigcode"
            && !node.Flag("new_decoder_architecture") && node.Flag("multi_query", otherwise: true))
        {
            return 1;
        }

        if (modelType is "chatglm" && !node.Flag("multi_query_attention"))
        {
            return heads;
        }

        if (node.Object("attn_config") is { } attention && attention.Has("kv_n_heads"))
        {
            return attention.Count(fallback, "kv_n_heads");
        }

        return node.Count(fallback, "num_key_value_heads", "n_head_kv", "num_kv_heads", "n_kv_heads", "multi_query_group_num", "num_attention_groups");
    }

    private static bool ReadTied(ConfigNode root, ConfigNode node, string modelType)
    {
        // transformers' default is true; these families' own configuration classes say otherwise when the file is silent.
        bool otherwise = modelType is not ("llama" or "mistral" or "mixtral" or "qwen2" or "qwen2_moe" or "qwen3" or "qwen3_moe" or "qwen3_next" or "qwen"
            or "qwen2_vl" or "qwen2_5_vl" or "qwen2_vl_text" or "qwen2_5_vl_text" or "qwen3_vl_text" or "qwen3_vl_moe_text" or "qwen3_5_text" or "qwen3_5_moe_text"
            or "internlm" or "internlm2" or "internlm3" or "baichuan" or "chatglm" or "glm" or "glm4" or "glm4_moe" or "glm4_moe_lite" or "glm_moe_dsa"
            or "phi" or "phi3" or "phimoe" or "phi4mm" or "gpt_neox" or "gptj" or "stablelm" or "nemotron" or "nemotron_h" or "nemotron-nas" or "deci"
            or "deepseek" or "deepseek_v2" or "deepseek_v3" or "deepseek_v32" or "kimi_k2" or "kimi_linear" or "minicpm3" or "mixtral_moe" or "gpt_oss"
            or "llama4_text" or "olmo" or "olmo2" or "olmo3" or "olmoe" or "granite" or "granitemoe" or "granitemoeshared" or "granitemoehybrid" or "jamba"
            or "bamba" or "falcon_h1" or "minimax_m1" or "minimax_text_01" or "minimax" or "minimax_m2" or "minimax_m3" or "exaone4" or "dots1" or "ernie4_5_moe"
            or "hunyuan_v1_moe" or "dbrx" or "seed_oss" or "bailing_moe" or "bailing_moe_v2" or "mamba2" or "aquila" or "yi" or "xverse" or "orion" or "arcee" or "apertus");
        return node.Flag("tie_word_embeddings", root.Flag("tie_word_embeddings", node.Flag("tie_embeddings", node.Flag("tied_embeddings", otherwise))));
    }

    /// <summary>What transformers' configuration classes assume where a multimodal model's text part is silent.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Defaults(int Hidden, int Layers, int Heads, int KeyValueHeads, int HeadLength, int Intermediate, int Vocabulary, int Context = 0)
    {
        public static Defaults Of(string modelType) => modelType switch
        {
            "llama" => new(4096, 32, 32, 0, 0, 11008, 32000),
            "mistral" => new(4096, 32, 32, 8, 0, 14336, 32000),
            "mixtral" => new(4096, 32, 32, 8, 0, 14336, 32000),
            "qwen2" => new(4096, 32, 32, 32, 0, 22016, 151936),
            "qwen3" or "qwen3_text" => new(4096, 32, 32, 32, 128, 22016, 151936),
            "gemma" => new(3072, 28, 16, 16, 256, 24576, 256000, 8192),
            "gemma2" => new(2304, 26, 8, 4, 256, 9216, 256000, 8192),
            "gemma3_text" or "gemma3" => new(2304, 26, 8, 4, 256, 9216, 262208, 131072),
            "gemma3n_text" => new(2048, 35, 8, 2, 256, 16384, 262400, 32768),
            "qwen3_moe" => new(0, 0, 0, 0, 128, 0, 0),
            "llama4_text" => new(5120, 48, 40, 8, 128, 8192, 202048, 131072),
            "gpt2" or "gpt_bigcode" => new(768, 12, 12, 0, 0, 0, 50257),
            _ => default,
        };
    }
}
