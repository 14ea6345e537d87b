using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Modeling.LlamaCpp;

public sealed partial record LlamaCppModel
{
    /// <summary>The facts as compact JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LlamaCppModelJsonContext.Default.LlamaCppModel);

    /// <summary>Facts from JSON that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text holds no such facts, or they contradict each other.</exception>
    public static LlamaCppModel FromJson(string json)
    {
        LlamaCppModel model = JsonSerializer.Deserialize(json, LlamaCppModelJsonContext.Default.LlamaCppModel)
            ?? throw new JsonException("The facts of a model are null.");
        if (model.BlockCount < 1 || model.LayerWeights.Length != model.BlockCount + 1
            || model.LayerKinds.Length != model.BlockCount || model.KeyValueHeads.Length != model.BlockCount)
        {
            throw new JsonException($"The facts of the model {model.Name} list weights, kinds and heads for a number of layers other than blockCount {model.BlockCount}.");
        }

        if (model.BlockShapes.IsDefault || (!model.BlockShapes.IsEmpty && !HasShapes(model)))
        {
            throw new JsonException($"The facts of the model {model.Name} do not name one of their {(model.BlockShapes.IsDefault ? 0 : model.BlockShapes.Length)} block shapes for each of {model.BlockCount} blocks.");
        }

        return model.Implausibility() is { } what ? throw new JsonException($"The facts of the model {model.Name}: {what}.") : model;
    }

    private static bool HasShapes(LlamaCppModel model)
    {
        if (model.BlockShapeIndices.IsDefault || model.BlockShapeIndices.Length != model.BlockCount || model.BlockShapes.Contains(null!))
        {
            return false;
        }

        foreach (int index in model.BlockShapeIndices)
        {
            if (index < 0 || index >= model.BlockShapes.Length)
            {
                return false;
            }
        }

        return true;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LlamaCppModel))]
internal sealed partial class LlamaCppModelJsonContext : JsonSerializerContext;
