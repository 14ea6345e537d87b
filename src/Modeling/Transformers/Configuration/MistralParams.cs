using System.Text.Json;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>
/// Mistral's own <c>params.json</c>, written again as a <c>config.json</c>: what both call differently gets the other's name, as
/// vLLM does when it loads this format.
/// </summary>
internal static class MistralParams
{
    /// <summary>What vLLM assumes where the file does not say.</summary>
    private const long AssumedContext = 128_000;

    public static byte[] ToConfig(JsonElement parameters)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in parameters.EnumerateObject())
            {
                if (property.Name is not ("model_type" or "architectures" or "vision_config" or "quantization_config" or "rope_scaling" or "tie_word_embeddings"))
                {
                    property.WriteTo(writer);
                }
            }

            WriteNames(writer, parameters);
            WriteMixture(writer, parameters);
            WriteScaling(writer, parameters);
            WriteQuantization(writer, parameters);
            if (Object(parameters, "vision_encoder") is { } vision)
            {
                writer.WritePropertyName("vision_config");
                writer.WriteStartObject();
                foreach (JsonProperty property in vision.EnumerateObject().Where(property => property.Name is not "model_type"))
                {
                    property.WriteTo(writer);
                }

                writer.WriteString("model_type", "pixtral");
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteNames(Utf8JsonWriter writer, JsonElement parameters)
    {
        bool mixture = Object(parameters, "moe") is not null;
        bool latent = parameters.TryGetProperty("kv_lora_rank", out JsonElement rank) && rank.ValueKind == JsonValueKind.Number;
        writer.WriteString("model_type", latent ? "mistral_latent" : mixture ? "mixtral" : "mistral");
        writer.WriteStartArray("architectures");
        writer.WriteStringValue(
            Object(parameters, "vision_encoder") is not null ? "PixtralForConditionalGeneration"
            : latent ? "MistralLarge3ForCausalLM"
            : mixture ? "MixtralForCausalLM" : "MistralForCausalLM");
        writer.WriteEndArray();
        writer.WriteBoolean("tie_word_embeddings", parameters.TryGetProperty("tied_embeddings", out JsonElement tied) && tied.ValueKind == JsonValueKind.True);
        if (!parameters.TryGetProperty("max_position_embeddings", out _) && !parameters.TryGetProperty("max_seq_len", out _))
        {
            writer.WriteNumber("max_position_embeddings", AssumedContext);
        }
    }

    private static void WriteMixture(Utf8JsonWriter writer, JsonElement parameters)
    {
        if (Object(parameters, "moe") is not { } mixture)
        {
            return;
        }

        foreach ((string from, string to) in new[]
        {
            ("num_experts", "num_local_experts"), ("num_experts_per_tok", "num_experts_per_tok"), ("expert_hidden_dim", "moe_intermediate_size"),
            ("num_shared_experts", "n_shared_experts"), ("first_k_dense_replace", "first_k_dense_replace"),
        })
        {
            if (mixture.TryGetProperty(from, out JsonElement value) && !parameters.TryGetProperty(to, out _))
            {
                writer.WritePropertyName(to);
                value.WriteTo(writer);
            }
        }
    }

    private static void WriteScaling(Utf8JsonWriter writer, JsonElement parameters)
    {
        if (Object(parameters, "yarn") is not { } yarn)
        {
            return;
        }

        writer.WritePropertyName("rope_scaling");
        writer.WriteStartObject();
        foreach (JsonProperty property in yarn.EnumerateObject().Where(property => property.Name is "factor" or "original_max_position_embeddings"))
        {
            property.WriteTo(writer);
        }

        writer.WriteString("rope_type", "yarn");
        writer.WriteEndObject();
    }

    private static void WriteQuantization(Utf8JsonWriter writer, JsonElement parameters)
    {
        if (Object(parameters, "quantization") is not { } quantization)
        {
            return;
        }

        writer.WritePropertyName("quantization_config");
        if (quantization.TryGetProperty("qformat_weight", out JsonElement format) && format.ValueKind == JsonValueKind.String && format.ValueEquals("fp8_e4m3"))
        {
            writer.WriteStartObject();
            writer.WriteString("quant_method", "fp8");
            writer.WriteString("activation_scheme", "static");
            writer.WriteEndObject();
        }
        else
        {
            quantization.WriteTo(writer);
        }
    }

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement found) && found.ValueKind == JsonValueKind.Object ? found : null;
}
