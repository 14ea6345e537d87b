using System.Globalization;
using GpuStack.Golden.Shapes;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.Samples;

/// <summary>Makes the header of one file of a sample model: the metadata and tensors that a converted model has, without tokenizer.</summary>
internal sealed class SampleHeader
{
    private readonly SampleModel _model;
    private readonly QuantizationMixture _mixture;
    private readonly GgufWriter _writer = new();

    private SampleHeader(SampleModel model, string fileType)
    {
        _model = model;
        _mixture = new QuantizationMixture(fileType, model.Blocks, model.TiedEmbeddings, model.SeventyBillion);
    }

    /// <summary>The header's bytes, and the size of the whole file in bytes.</summary>
    public static (byte[] Header, long FileSize) Make(SampleModel model, string fileType)
    {
        var header = new SampleHeader(model, fileType);
        header.AddMetadata();
        header.AddTensors();
        byte[] bytes = header._writer.ToHeader();
        return (bytes, bytes.Length + header._writer.DataBytes);
    }

    private void AddMetadata()
    {
        _writer.Add("general.architecture", _model.Architecture);
        _writer.Add("general.type", "model");
        _writer.Add("general.name", _model.Name);
        _writer.Add("general.quantization_version", 2u);
        _writer.Add("general.file_type", _mixture.FileTypeNumber);
        Add("block_count", _model.Blocks);
        Add("context_length", _model.Context);
        Add("embedding_length", _model.Embedding);
        Add("feed_forward_length", _model.FeedForward);
        Add("attention.head_count", _model.Heads);
        Add("attention.head_count_kv", _model.KeyValueHeads);
        _writer.Add(_model.Architecture + ".rope.freq_base", _model.RopeBase);
        _writer.Add(_model.Architecture + ".attention.layer_norm_rms_epsilon", _model.NormEpsilon);
        Add("vocab_size", _model.Vocabulary);
        if (_model.StatedHeadLength)
        {
            Add("attention.key_length", _model.HeadLength);
            Add("attention.value_length", _model.HeadLength);
        }

        if (_model.Latent is { } latent)
        {
            Add("attention.q_lora_rank", latent.QueryRank);
            Add("attention.kv_lora_rank", latent.KeyValueRank);
            Add("attention.key_length", latent.KeyValueRank + latent.RotaryLength);
            Add("attention.value_length", latent.KeyValueRank);
            Add("attention.key_length_mla", latent.PlainLength + latent.RotaryLength);
            Add("attention.value_length_mla", latent.ValueLength);
            Add("rope.dimension_count", latent.RotaryLength);
            Add("leading_dense_block_count", _model.DenseBlocks);
            Add("expert_shared_count", _model.SharedExperts);
        }
        else if (_model.Architecture == "llama")
        {
            Add("rope.dimension_count", _model.HeadLength);
        }

        if (_model.Experts > 0)
        {
            Add("expert_count", _model.Experts);
            Add("expert_used_count", _model.ExpertsUsed);
            Add("expert_feed_forward_length", _model.ExpertFeedForward);
        }

        _writer.Add("tokenizer.ggml.model", "none");
    }

    private void AddTensors()
    {
        int embedding = _model.Embedding;
        Add("token_embd.weight", TensorRole.TokenEmbedding, 0, embedding, _model.Vocabulary);
        AddFloat("output_norm.weight", embedding);
        if (!_model.TiedEmbeddings)
        {
            Add("output.weight", TensorRole.Output, 0, embedding, _model.Vocabulary);
        }

        if (_model.RopeFactors)
        {
            AddFloat("rope_freqs.weight", _model.HeadLength / 2);
        }

        for (int block = 0; block < _model.Blocks; block++)
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{block}.");
            AddFloat(prefix + "attn_norm.weight", embedding);
            if (_model.Latent is { } latent)
            {
                AddLatentAttention(prefix, block, latent);
            }
            else
            {
                AddAttention(prefix, block);
            }

            AddFloat(prefix + "ffn_norm.weight", embedding);
            if (_model.Experts > 0 && block >= _model.DenseBlocks)
            {
                AddExperts(prefix, block);
            }
            else
            {
                AddFeedForward(prefix, "", block, _model.FeedForward);
            }
        }
    }

    private void AddAttention(string prefix, int block)
    {
        long queries = (long)_model.Heads * _model.HeadLength;
        long keys = (long)_model.KeyValueHeads * _model.HeadLength;
        Add(prefix + "attn_q.weight", TensorRole.Query, block, _model.Embedding, queries);
        Add(prefix + "attn_k.weight", TensorRole.Key, block, _model.Embedding, keys);
        Add(prefix + "attn_v.weight", TensorRole.Value, block, _model.Embedding, keys);
        Add(prefix + "attn_output.weight", TensorRole.AttentionOutput, block, queries, _model.Embedding);
        if (_model.AttentionBias)
        {
            AddFloat(prefix + "attn_q.bias", queries);
            AddFloat(prefix + "attn_k.bias", keys);
            AddFloat(prefix + "attn_v.bias", keys);
        }

        if (_model.HeadNorms)
        {
            AddFloat(prefix + "attn_q_norm.weight", _model.HeadLength);
            AddFloat(prefix + "attn_k_norm.weight", _model.HeadLength);
        }
    }

    private void AddLatentAttention(string prefix, int block, SampleLatentAttention latent)
    {
        long heads = _model.Heads;
        Add(prefix + "attn_q_a.weight", TensorRole.Query, block, _model.Embedding, latent.QueryRank);
        AddFloat(prefix + "attn_q_a_norm.weight", latent.QueryRank);
        Add(prefix + "attn_q_b.weight", TensorRole.Query, block, latent.QueryRank, heads * (latent.PlainLength + latent.RotaryLength));
        Add(prefix + "attn_kv_a_mqa.weight", TensorRole.Key, block, _model.Embedding, latent.KeyValueRank + latent.RotaryLength);
        AddFloat(prefix + "attn_kv_a_norm.weight", latent.KeyValueRank);
        _writer.AddTensor(prefix + "attn_k_b.weight", GgmlType.Q8_0, latent.PlainLength, latent.KeyValueRank, heads);
        _writer.AddTensor(prefix + "attn_v_b.weight", GgmlType.Q8_0, latent.KeyValueRank, latent.ValueLength, heads);
        Add(prefix + "attn_output.weight", TensorRole.AttentionOutput, block, heads * latent.ValueLength, _model.Embedding);
    }

    private void AddExperts(string prefix, int block)
    {
        AddFloat(prefix + "ffn_gate_inp.weight", _model.Embedding, _model.Experts);
        if (_model.Latent is not null)
        {
            AddFloat(prefix + "exp_probs_b.bias", _model.Experts);
        }

        Add(prefix + "ffn_gate_exps.weight", TensorRole.ExpertUp, block, _model.Embedding, _model.ExpertFeedForward, _model.Experts);
        Add(prefix + "ffn_up_exps.weight", TensorRole.ExpertUp, block, _model.Embedding, _model.ExpertFeedForward, _model.Experts);
        Add(prefix + "ffn_down_exps.weight", TensorRole.ExpertDown, block, _model.ExpertFeedForward, _model.Embedding, _model.Experts);
        if (_model.SharedExperts > 0)
        {
            AddFeedForward(prefix, "_shexp", block, _model.ExpertFeedForward * _model.SharedExperts);
        }
    }

    private void AddFeedForward(string prefix, string suffix, int block, int length)
    {
        Add($"{prefix}ffn_gate{suffix}.weight", TensorRole.FeedForwardUp, block, _model.Embedding, length);
        Add($"{prefix}ffn_up{suffix}.weight", TensorRole.FeedForwardUp, block, _model.Embedding, length);
        Add($"{prefix}ffn_down{suffix}.weight", TensorRole.FeedForwardDown, block, length, _model.Embedding);
    }

    private void Add(string key, int value) => _writer.Add($"{_model.Architecture}.{key}", (uint)value);

    private void Add(string name, TensorRole role, int block, params ReadOnlySpan<long> dimensions) =>
        _writer.AddTensor(name, _mixture.TypeOf(role, block, dimensions[0]), dimensions);

    private void AddFloat(string name, params ReadOnlySpan<long> dimensions) => _writer.AddTensor(name, GgmlType.F32, dimensions);
}
