using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// Finds out from the tensors' names and shapes what each block computes. Rows of a matrix are its second dimension. Files without block
/// tensors (tests, profiles) give no shapes.
/// </summary>
internal sealed class GgufBlockShapes
{
    private readonly Dictionary<string, ImmutableArray<long>>[] _blocks;
    /// <summary>More than any model has of embeddings that blocks add, or of residuals.</summary>
    private const int MaximumCopies = 16;

    /// <summary>More than any model has elements in a block's own embedding.</summary>
    private const int MaximumPerLayerEmbedding = 1 << 16;

    private readonly LlamaCppModel _model;
    private readonly int _timeStepRank;
    private readonly bool _stepNorms;
    private readonly bool _sequential;
    private readonly long _embeddingsAdded;

    private GgufBlockShapes(LlamaCppModel model, GgufHeader header)
    {
        _model = model;
        _timeStepRank = (int)Math.Clamp(header.Metadata.Integer($"{model.Architecture}.ssm.time_step_rank") ?? 0, 0, 1 << 20);
        _stepNorms = header.Metadata.Boolean($"{model.Architecture}.ssm.dt_b_c_rms") is true;
        _sequential = header.Metadata.Boolean($"{model.Architecture}.use_parallel_residual") is false;
        _embeddingsAdded = header.Metadata.Integer($"{model.Architecture}.n_deepstack_layers") ?? 0;
        _embeddingsAdded = Math.Min(_embeddingsAdded, MaximumCopies);
        _blocks = new Dictionary<string, ImmutableArray<long>>[model.BlockCount];
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = new(StringComparer.Ordinal);
        }

        foreach (GgufTensor tensor in header.Tensors)
        {
            if (!tensor.Name.StartsWith("blk.", StringComparison.Ordinal))
            {
                continue;
            }

            ReadOnlySpan<char> rest = tensor.Name.AsSpan("blk.".Length);
            int dot = rest.IndexOf('.');
            if (dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int block) && block < _blocks.Length)
            {
                _blocks[block][rest[(dot + 1)..].ToString()] = tensor.Dimensions;
            }
        }
    }

    /// <summary>The model with the shapes of its blocks.</summary>
    public static LlamaCppModel AddTo(LlamaCppModel model, GgufHeader header)
    {
        var reader = new GgufBlockShapes(model, header);
        if (Array.TrueForAll(reader._blocks, block => block.Count == 0))
        {
            return model;
        }

        var distinct = new List<BlockShape>();
        var indices = new int[model.BlockCount];
        for (int block = 0; block < indices.Length; block++)
        {
            BlockShape shape = reader.Shape(block);
            int index = distinct.IndexOf(shape);
            if (index < 0)
            {
                index = distinct.Count;
                distinct.Add(shape);
            }

            indices[block] = index;
        }

        return model with { BlockShapes = [.. distinct], BlockShapeIndices = [.. indices] };
    }

    private BlockShape Shape(int block)
    {
        Dictionary<string, ImmutableArray<long>> tensors = _blocks[block];
        RecurrenceKind recurrence = Recurrence(Has);
        bool attends = recurrence is not (RecurrenceKind.DeltaNet or RecurrenceKind.KimiDelta)
            && (Has("attn_q.weight") || Has("attn_qkv.weight") || Has("attn_q_a.weight"));
        bool experts = Has("ffn_gate_inp.weight") && (Has("ffn_down_exps.weight") || Has("ffn_gate_up_exps.weight"));
        bool ownNorm = Has("ffn_norm.weight") || Has("ffn_norm");
        bool postNorm = Has("post_attention_norm.weight");
        bool gated = Has("ffn_gate.weight");
        int length = Rows("ffn_up.weight");
        int inner = Columns("ffn_down.weight");
        int keyLength = _model.KeyLengthOf(block);
        return new BlockShape
        {
            Heads = attends ? Heads(block) : 0,
            KeyValueHeads = attends ? _model.KeyValueHeads[block] : 0,
            KeyLength = attends ? keyLength : 0,
            ValueLength = attends ? _model.ValueLengthOf(block) : 0,
            FusedQueryKeyValue = Has("attn_qkv.weight"),
            QueryKeyValueBias = Has("attn_q.bias") || Has("attn_qkv.bias"),
            HeadNorms = Has("attn_q_norm.weight") && Columns("attn_q_norm.weight") <= keyLength,
            RowNorms = Has("attn_q_norm.weight") && Columns("attn_q_norm.weight") > keyLength,
            OutputBias = Has("attn_output.bias"),
            Sinks = Has("attn_sinks.weight") || Has("attn_sinks"),
            GateMatrix = attends && recurrence == RecurrenceKind.None && Has("attn_gate.weight"),
            GatedQueries = attends && HasGatedQueries(block),
            ValuesFromKeys = Has("attn_k.weight") && !Has("attn_v.weight"),
            NormBias = Has("attn_norm.bias"),
            AttentionNorm = Has("attn_norm.weight"),
            SecondAttentionNorm = Has("attn_norm_2.weight"),
            Sequential = _sequential,
            PostAttentionNorm = (ownNorm && Has("attn_output_norm.weight")) || (postNorm && (ownNorm || Has("post_ffw_norm.weight"))),
            FeedForwardNorm = ownNorm || Has("attn_output_norm.weight") || (postNorm && !Has("post_ffw_norm.weight")),
            PostFeedForwardNorm = Has("post_ffw_norm.weight"),
            FeedForward = recurrence == RecurrenceKind.TimeMix ? Rows("channel_mix_key.weight") : inner,
            Gated = gated,
            FusedGate = !gated && inner > 0 && length == 2 * inner,
            FeedForwardBias = Has("ffn_up.bias"),
            Experts = experts ? Rows("ffn_gate_inp.weight") : 0,
            ExpertFeedForward = experts ? Columns("ffn_down_exps.weight") : 0,
            GatedExperts = Has("ffn_gate_exps.weight") || Has("ffn_gate_up_exps.weight"),
            FusedExpertGate = Has("ffn_gate_up_exps.weight"),
            ExpertBias = Has("ffn_gate_inp.bias"),
            SelectionBias = Has("exp_probs_b.bias") || Has("exp_probs_b"),
            SharedFeedForward = Columns("ffn_down_shexp.weight"),
            SharedGate = Has("ffn_gate_inp_shexp.weight"),
            ExpertsBesideDense = Has("pre_ffw_norm_2.weight"),
            ScaledExperts = Has("ffn_down_exps.scale"),
            PerLayerEmbedding = Math.Min(Rows("inp_gate.weight"), MaximumPerLayerEmbedding),
            Residuals = Math.Min(Rows("altup_router.weight"), MaximumCopies),
            ResidualRank = Rows("laurel_l.weight"),
            ScaledResult = Has("layer_output_scale.weight"),
            AddsEmbedding = block < _embeddingsAdded,
            QueryRank = Rows("attn_q_a.weight"),
            Recurrence = recurrence,
            TimeStepRank = recurrence == RecurrenceKind.KimiDelta ? Rows("ssm_f_a.weight") : _timeStepRank,
            StepNorms = Has("ssm_dt_norm.weight") || _stepNorms,
            StepNormWeights = Has("ssm_dt_norm.weight"),
            ConvolutionBias = Has("ssm_conv1d.bias"),
            TimeMix = recurrence == RecurrenceKind.TimeMix
                ? new TimeMixShape(Rows("time_mix_w1.weight"), Rows("time_mix_a1.weight"), Rows("time_mix_v1.weight"), Rows("time_mix_g1.weight"))
                : null,
            SeparateRates = Has("ssm_alpha.weight"),
            RecurrentNorm = Has("ssm_norm.weight"),
        };

        bool Has(string name) => tensors.ContainsKey(name);

        int Rows(string name) => tensors.TryGetValue(name, out ImmutableArray<long> shape) && shape.Length > 1 ? Bounded(shape[1]) : 0;

        int Columns(string name) => tensors.TryGetValue(name, out ImmutableArray<long> shape) ? Bounded(shape[0]) : 0;

        static int Bounded(long value) => (int)Math.Min(value, 1 << 24);
    }

    private static RecurrenceKind Recurrence(Func<string, bool> has) =>
        has("shortconv.conv.weight") ? RecurrenceKind.ShortConvolution
        : has("time_mix_w1.weight") && has("channel_mix_key.weight") ? RecurrenceKind.TimeMix
        : has("ssm_conv1d_q.weight") ? RecurrenceKind.KimiDelta
        : !has("ssm_conv1d.weight") ? RecurrenceKind.None
        : has("ssm_x.weight") ? RecurrenceKind.Mamba
        : has("ssm_in.weight") ? RecurrenceKind.Mamba2
        : RecurrenceKind.DeltaNet;

    private int Heads(int block) =>
        _blocks[block].TryGetValue("attn_q.weight", out ImmutableArray<long> query) && query.Length > 1 && _model.KeyLengthOf(block) > 0 && _model.LatentAttention is null
            ? (int)Math.Clamp(query[1] / _model.KeyLengthOf(block) / (HasGatedQueries(block) ? 2 : 1), 1, 1 << 14)
            : _model.HeadCount;

    /// <summary>Queries have twice the rows that attention's output has columns.</summary>
    private bool HasGatedQueries(int block) =>
        _model is { LatentAttention: null, KeyLength: > 0 } && _model.KeyLengthOf(block) == _model.ValueLengthOf(block)
        && _blocks[block].TryGetValue("attn_q.weight", out ImmutableArray<long> query) && query.Length > 1
        && _blocks[block].TryGetValue("attn_output.weight", out ImmutableArray<long> output) && output.Length > 1
        && query[1] / 2 == output[0] && query[1] % 2 == 0;
}
