namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>
/// The longest context, as vLLM derives <c>max_model_len</c>: the smallest of the stated lengths, times the factor of a rope
/// scaling that stretches it. Llama 3's and LongRoPE's scaling is in the stated length already, and Gemma 3's is as well.
/// </summary>
internal static class ContextLength
{
    private const long Unknown = 2048;
    private const long Maximum = 1L << 31;

    public static Tokens Of(TextConfig config)
    {
        ConfigNode node = config.Node;
        double length = double.PositiveInfinity;
        foreach (string name in (ReadOnlySpan<string>)
            ["max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "max_target_positions", "max_sequence_length", "max_seq_length", "seq_len"])
        {
            length = Math.Min(length, node.Number(double.PositiveInfinity, name));
        }

        length = node.Number(length, "model_max_length");
        if (double.IsInfinity(length))
        {
            length = config.AssumedContext > 0 ? config.AssumedContext : Unknown;
        }

        if (!config.ModelType.Contains("gemma3", StringComparison.Ordinal) && node.Object("rope_parameters", "rope_scaling") is { } rope)
        {
            length = Scaled(length, rope);
        }

        if (length is not (>= 1 and <= Maximum))
        {
            throw node.Refuse($"states a context of {length} tokens, where 1 to {Maximum} is expected");
        }

        return new Tokens((long)length);
    }

    private static double Scaled(double length, ConfigNode rope)
    {
        if (!rope.Has("rope_type") && !rope.Has("type"))
        {
            // One object per kind of layer, each with its own scaling; they share the factor.
            double scaled = length;
            foreach ((_, ConfigNode layer) in rope.Objects())
            {
                scaled = Math.Max(scaled, Scaled(length, layer));
            }

            return scaled;
        }

        switch (rope.Text("rope_type", "type"))
        {
            case "su" or "longrope" or "llama3" or "mrope" or "default" or "proportional":
                return length;
            case "yarn":
                return rope.Number(length, "original_max_position_embeddings") * rope.Number(1, "factor");
            default:
                return length * rope.Number(1, "factor");
        }
    }
}
