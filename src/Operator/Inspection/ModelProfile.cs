using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Inspection;

/// <summary>Facts that <c>spec.model.profile</c> gives: they replace what a file says, or stand alone where no file can be read. Pure.</summary>
internal static class ModelProfile
{
    /// <summary>The file's facts with the profile's in their place.</summary>
    public static LlamaCppModel Override(LlamaCppModel model, ModelProfileSpec? profile) => profile is null ? model : model with
    {
        Architecture = profile.Architecture ?? model.Architecture,
        ParameterCount = profile.Parameters ?? model.ParameterCount,
        ContextLength = profile.ContextLength is { } context ? new Tokens(context) : model.ContextLength,
        EmbeddingLength = profile.HiddenSize ?? model.EmbeddingLength,
        FeedForwardLength = profile.IntermediateSize ?? model.FeedForwardLength,
        HeadCount = profile.AttentionHeads ?? model.HeadCount,
        KeyValueHeads = profile.KeyValueHeads is { } heads ? [.. Enumerable.Repeat(heads, model.BlockCount)] : model.KeyValueHeads,
        KeyLength = profile.HeadSize ?? model.KeyLength,
        ValueLength = profile.HeadSize ?? model.ValueLength,
        VocabularySize = profile.VocabularySize ?? model.VocabularySize,
        ExpertCount = profile.Experts ?? model.ExpertCount,
        ExpertUsedCount = profile.ExpertsPerToken ?? model.ExpertUsedCount,
    };

    /// <summary>A model of the profile alone, its weights spread evenly over its layers; an upper bound where the profile is silent.</summary>
    /// <exception cref="InspectionFailedException">Facts are missing; the message names them.</exception>
    public static LlamaCppModel Alone(string name, ModelProfileSpec? profile)
    {
        Check(profile);
        var (layers, hidden, heads) = (profile!.Layers!.Value, profile.HiddenSize!.Value, profile.AttentionHeads!.Value);
        var weights = profile.WeightSize!.Value;
        var headSize = profile.HeadSize ?? hidden / heads;
        // Index L is the output layer.
        var perLayer = weights.ToInt64() / (layers + 1);
        return new LlamaCppModel
        {
            Name = name,
            Architecture = profile.Architecture ?? "unknown",
            BlockCount = layers,
            ContextLength = new Tokens(profile.ContextLength ?? 0),
            ParameterCount = profile.Parameters ?? 0,
            TotalWeightBytes = new Bytes(weights.ToInt64()),
            LayerWeights = [.. Enumerable.Repeat(perLayer, layers), weights.ToInt64() - perLayer * layers],
            LayerKinds = [.. Enumerable.Repeat(default(LayerKind), layers)],
            KeyValueHeads = [.. Enumerable.Repeat(profile.KeyValueHeads ?? heads, layers)],
            HeadCount = heads,
            KeyLength = headSize,
            ValueLength = headSize,
            EmbeddingLength = hidden,
            FeedForwardLength = profile.IntermediateSize ?? 4 * hidden,
            ExpertCount = profile.Experts ?? 0,
            ExpertUsedCount = profile.ExpertsPerToken ?? 0,
            VocabularySize = profile.VocabularySize ?? 262_144,
            KnownArchitecture = false,
        };
    }

    /// <summary>Refuses a profile that cannot stand alone.</summary>
    /// <exception cref="InspectionFailedException">Facts are missing; the message names them.</exception>
    internal static void Check(ModelProfileSpec? profile)
    {
        var missing = new (string Field, bool Given)[]
        {
            ("weightSize", profile?.WeightSize is not null), ("layers", profile?.Layers is not null),
            ("hiddenSize", profile?.HiddenSize is not null), ("attentionHeads", profile?.AttentionHeads is not null),
        }.Where(fact => !fact.Given).Select(fact => fact.Field).ToArray();
        if (missing.Length > 0)
        {
            throw new InspectionFailedException(
                ConditionReasons.ModelUnsupported,
                $"models on claims and in images cannot be read by the operator yet: give {string.Join(", ", missing)} in spec.model.profile");
        }
    }
}
