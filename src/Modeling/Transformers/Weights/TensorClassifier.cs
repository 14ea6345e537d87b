namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>
/// Says by a tensor's name where it belongs: to which layer, and how ranks share it. A name reads from the left: what precedes
/// the layer's number (a tower, the text model), the number, the block (attention, experts, …), the module, the parameter.
/// </summary>
/// <param name="layers">Layers of the text model; those beyond are for multi-token prediction and are not loaded.</param>
/// <param name="experts">Experts of a mixture; 0 without.</param>
/// <param name="tied">Whether the output head is the embedding: a copy of it in the file is not loaded.</param>
/// <param name="wholeTowers">Whether each rank holds all of a tower.</param>
internal sealed class TensorClassifier(int layers, int experts, bool tied, bool wholeTowers)
{
    private const int MaximumParts = 24;

    public TensorPlace Place(ReadOnlySpan<char> name, ReadOnlySpan<long> shape, ElementType type)
    {
        Span<Range> ranges = stackalloc Range[MaximumParts];
        ranges = ranges[..name.Split(ranges, '.')];
        var parts = new NameParts(name, ranges);
        if (IsNotLoaded(parts))
        {
            return TensorPlace.NotLoaded;
        }

        (int position, int layer) = FindLayer(parts);
        int module = FindModule(parts);
        TensorContent content = Content(parts, module, type);
        if (IsTower(parts, position))
        {
            return new(true, WeightPart.Towers, TowerSharding(parts, position, module, shape), false, content);
        }

        if (position < 0)
        {
            return OutsideLayers(parts, module, content);
        }

        if (layer >= layers)
        {
            return TensorPlace.NotLoaded;
        }

        return InLayer(parts, position, layer, module, shape, content);
    }

    private static bool IsNotLoaded(NameParts parts)
    {
        ReadOnlySpan<char> first = parts[0];
        if (first is "mtp" or "talker" or "token2wav" or "code2wav" or "mtp_layers" || (first is "model" && parts.Count > 1 && parts[1] is "mtp" or "mtp_layers"))
        {
            return true;
        }

        ReadOnlySpan<char> last = parts[^1];
        if (last is "inv_freq" or "masked_bias" or "rotary_inv_freq" or "position_ids")
        {
            return true;
        }

        // GPT-2's and GPT-NeoX's causal masks.
        return last is "bias" && parts.Count > 1 && parts[^2] is "attn" or "attention" && parts[0] is "transformer" or "gpt_neox" or "h";
    }

    /// <summary>The place of the layer's number in the name, and the number.</summary>
    private static (int Position, int Layer) FindLayer(NameParts parts)
    {
        for (int i = 1; i < parts.Count; i++)
        {
            if (parts[i - 1] is "layers" or "h" or "blocks" or "block" or "layer" or "resblocks" or "encoder_layers" && int.TryParse(parts[i], out int layer) && layer >= 0)
            {
                return (i, layer);
            }
        }

        return parts.Count > 1 && parts[0] is "h" && int.TryParse(parts[1], out int bare) ? (1, bare) : (-1, 0);
    }

    /// <summary>The last part that is a module, not one of its parameters.</summary>
    private static int FindModule(NameParts parts)
    {
        int module = parts.Count - 1;
        while (module > 0 && IsParameter(parts[module]))
        {
            module--;
        }

        return module;
    }

    private static bool IsParameter(ReadOnlySpan<char> part) => part is "weight" or "bias" or "qweight" or "qzeros" or "scales" or "g_idx" or "SCB" or "absmax" or "quant_map"
        or "nested_absmax" or "nested_quant_map" or "quant_state" or "e_score_correction_bias"
        || part.StartsWith("weight_", StringComparison.Ordinal)
        || part.StartsWith("input_scale", StringComparison.Ordinal)
        || part.StartsWith("input_global", StringComparison.Ordinal)
        || part.StartsWith("bitsandbytes", StringComparison.Ordinal)
        || part is "k_scale" or "v_scale" or "q_scale" or "output_scale" or "prob_output_scale" or "qscale_weight" or "qscale_act" or "scale";

    private static TensorContent Content(NameParts parts, int module, ElementType type)
    {
        ReadOnlySpan<char> last = parts[^1];
        ReadOnlySpan<char> parameter = module + 1 < parts.Count ? parts[module + 1] : "";
        if (last is "weight" or "weight_packed" or "qweight")
        {
            return type switch
            {
                ElementType.I32 when last is not "weight" => TensorContent.Packed,
                ElementType.U8 or ElementType.F4 => type == ElementType.F4 ? TensorContent.Parameters : TensorContent.Nibbles,
                _ => TensorContent.Parameters,
            };
        }

        if (parts[module].EndsWith("_blocks", StringComparison.Ordinal))
        {
            return TensorContent.Nibbles;
        }

        if (last is "A_log" or "e_score_correction_bias")
        {
            return TensorContent.WideParameters;
        }

        bool companion = (parameter.Length > 0 && parameter is not ("bias" or "weight")) || (parameter is "weight" && last is not "weight")
            || parts[module].EndsWith("_scales", StringComparison.Ordinal) || parts[module].EndsWith("_scale", StringComparison.Ordinal) && parts[module] is not "correct_output_scale"
            || parts[module].EndsWith("_scale_inv", StringComparison.Ordinal);
        return companion ? TensorContent.Companion : TensorContent.Parameters;
    }

    private static bool IsTower(NameParts parts, int layerPosition)
    {
        int end = layerPosition < 0 ? parts.Count : layerPosition;
        for (int i = 0; i < end; i++)
        {
            ReadOnlySpan<char> part = parts[i];
            if (part is "visual" or "vit" or "vpm" or "apm" or "mlp1" or "resampler" or "aligner" or "image_newline" or "view_seperator" or "view_separator" or "merger" or "pre_mm_projector_norm"
                or "patch_merger" or "encoder_projector" or "sound_encoder" or "sound_projection" or "connector" or "adapter" or "vision_language_adapter"
                || part.Contains("vision", StringComparison.Ordinal) || part.Contains("audio", StringComparison.Ordinal) || part.Contains("image", StringComparison.Ordinal)
                || part.Contains("img_", StringComparison.Ordinal) || part.Contains("mm_projector", StringComparison.Ordinal) || part.Contains("multi_modal", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>vLLM divides the linear layers of a tower's blocks; its embeddings, norms and most projectors are on every rank.</summary>
    private WeightSharding TowerSharding(NameParts parts, int position, int module, ReadOnlySpan<long> shape)
    {
        bool row = TensorRoles.Of(parts[module]) == TensorRole.Row && (parts[^1] is "bias" || shape.Length < 2 || shape[^1] == 1);
        bool divided = !wholeTowers && position >= 0 && TensorRoles.Of(parts[module]) != TensorRole.Replicated && !row;
        return divided ? WeightSharding.Split : WeightSharding.Replicated;
    }

    private TensorPlace OutsideLayers(NameParts parts, int module, TensorContent content)
    {
        ReadOnlySpan<char> name = parts[module];
        switch (name)
        {
            case "lm_head" or "embed_out" or "output_layer" or "output":
                return tied ? TensorPlace.NotLoaded : new(true, WeightPart.Outputs, WeightSharding.Vocabulary, false, content);
            case "embed_tokens" or "wte" or "word_embeddings" or "tok_embeddings" or "embed_in" or "embeddings" or "embedding" or "embed_tokens_per_layer":
                return new(true, WeightPart.Inputs, WeightSharding.Vocabulary, false, content);
            default:
                bool output = name.EndsWith("norm", StringComparison.Ordinal) || name is "ln_f" or "norm_f";
                bool input = name.StartsWith("per_layer", StringComparison.Ordinal) || name is "word_embeddings_layernorm";
                return new(true, output && !input ? WeightPart.Outputs : WeightPart.Inputs, WeightSharding.Replicated, false, content);
        }
    }

    private TensorPlace InLayer(NameParts parts, int position, int layer, int module, ReadOnlySpan<long> shape, TensorContent content)
    {
        ReadOnlySpan<char> name = parts[module];
        bool recurrent = false;
        for (int i = position + 1; i < parts.Count; i++)
        {
            ReadOnlySpan<char> part = parts[i];
            if (part is "experts" or "local_experts" || (part is "block_sparse_moe" && name is "input_linear" or "output_linear"))
            {
                return new(true, layer, WeightSharding.Experts, false, content);
            }

            if (part is "indexer" or "router" or "gate" or "shared_expert_gate")
            {
                return new(true, layer, WeightSharding.Replicated, false, content);
            }

            recurrent |= part is "mixer" or "mamba";
        }

        if (experts > 1 && shape.Length == 3 && shape[0] == experts)
        {
            return new(true, layer, WeightSharding.Experts, false, content);
        }

        if (recurrent && name is "norm")
        {
            return new(true, layer, WeightSharding.Split, false, content);
        }

        TensorRole role = content == TensorContent.Companion && IsWhole(parts, shape) ? TensorRole.Replicated : TensorRoles.Of(name);
        switch (role)
        {
            case TensorRole.KeyValue:
                return new(true, layer, WeightSharding.KeyValueHeads, false, content);
            case TensorRole.FusedAttention:
                return new(true, layer, WeightSharding.Split, true, content);
            case TensorRole.Row when parts[^1] is "bias" || (content == TensorContent.Companion && IsPerOutput(parts, shape)):
            case TensorRole.Replicated:
                return new(true, layer, WeightSharding.Replicated, false, content);
            default:
                return new(true, layer, WeightSharding.Split, false, content);
        }
    }

    /// <summary>A scale of the whole tensor, or the table and description of bitsandbytes' types.</summary>
    private static bool IsWhole(NameParts parts, ReadOnlySpan<long> shape) =>
        shape.Length == 0 || (shape.Length == 1 && shape[0] == 1) || parts[^1] is "quant_map" or "nested_quant_map" || parts[^1].StartsWith("bitsandbytes", StringComparison.Ordinal);

    /// <summary>Scales per output are not divided where the inputs are; what has one value per input, or per block of weights, is.</summary>
    private static bool IsPerOutput(NameParts parts, ReadOnlySpan<long> shape) =>
        (shape.Length < 2 && parts[^1] is not ("g_idx" or "absmax" or "nested_absmax")) || (shape.Length >= 2 && shape[^1] == 1);
}
