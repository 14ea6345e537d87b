using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Operator.Inspection;

/// <summary>Facts that <c>spec.model.profile</c> gives of a model for vLLM and SGLang: they replace what the files say, or stand alone where none can be read. Pure.</summary>
internal static class TransformerProfile
{
    private const int UnknownVocabulary = 262_144;

    /// <summary>The files' facts with the profile's in their place; weights stay what the files hold.</summary>
    public static TransformerModel Override(TransformerModel model, ModelProfileSpec? profile) => profile is null ? model : model with
    {
        Architecture = profile.Architecture ?? model.Architecture,
        ContextLength = profile.ContextLength is { } context ? new Tokens(context) : model.ContextLength,
        HiddenSize = profile.HiddenSize ?? model.HiddenSize,
        IntermediateSize = profile.IntermediateSize ?? model.IntermediateSize,
        HeadCount = profile.AttentionHeads ?? model.HeadCount,
        VocabularySize = profile.VocabularySize ?? model.VocabularySize,
        ExpertCount = profile.Experts ?? model.ExpertCount,
        ExpertsPerToken = profile.ExpertsPerToken ?? model.ExpertsPerToken,
        Layers = [.. model.Layers.Select(layer => layer.KeyValueHeads == 0 ? layer : layer with
        {
            KeyValueHeads = profile.KeyValueHeads ?? layer.KeyValueHeads,
            KeyLength = profile.HeadSize ?? layer.KeyLength,
            ValueLength = profile.HeadSize ?? layer.ValueLength,
        })],
    };

    /// <summary>A model of the profile alone: 16-bit weights, spread evenly over its layers; an upper bound where the profile is silent.</summary>
    /// <exception cref="InspectionFailedException">Facts are missing; the message names them.</exception>
    public static TransformerModel Alone(string name, ModelProfileSpec? profile)
    {
        ModelProfile.Check(profile);
        var (layers, hidden, heads) = (profile!.Layers!.Value, profile.HiddenSize!.Value, profile.AttentionHeads!.Value);
        var weights = profile.WeightSize!.Value.ToInt64();
        var headSize = profile.HeadSize ?? hidden / heads;
        // As many bytes as a layer has stand for the output head.
        var perLayer = weights / (layers + 1);
        return new TransformerModel
        {
            Name = name,
            Architecture = profile.Architecture ?? "unknown",
            ModelType = "unknown",
            ContextLength = new Tokens(profile.ContextLength ?? 0),
            HiddenSize = hidden,
            VocabularySize = profile.VocabularySize ?? UnknownVocabulary,
            HeadCount = heads,
            IntermediateSize = profile.IntermediateSize ?? 4 * hidden,
            ExpertCount = profile.Experts ?? 0,
            ExpertsPerToken = profile.ExpertsPerToken ?? 0,
            Layers = [.. Enumerable.Repeat(new TransformerLayer(TransformerLayerKind.Full, profile.KeyValueHeads ?? heads, headSize, headSize), layers)],
            DataType = ElementType.BF16,
            Weights =
            [
                .. Enumerable.Range(0, layers).Select(layer => new WeightPart(layer, WeightSharding.Split, perLayer / 2, new Bytes(perLayer))),
                new WeightPart(WeightPart.Outputs, WeightSharding.Split, perLayer / 2, new Bytes(weights - (perLayer * layers))),
            ],
            UpperBound = true,
        };
    }
}
