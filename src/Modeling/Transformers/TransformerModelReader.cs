using System.Text.Json;
using GpuStack.Modeling.Transformers.Checkpoints;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers;

/// <summary>Reads a Hugging Face model's facts.</summary>
public static class TransformerModelReader
{
    /// <summary>A model from its <c>config.json</c> alone: the weights are computed from it.</summary>
    /// <param name="name">The model's name, for messages and for <see cref="TransformerModel.Name"/>.</param>
    /// <param name="config">The file's content.</param>
    /// <param name="quantization">The content of <c>hf_quant_config.json</c>, where there is one.</param>
    /// <exception cref="TransformerFormatException">It is no configuration of a language model.</exception>
    public static TransformerModel FromConfig(string name, ReadOnlyMemory<byte> config, ReadOnlyMemory<byte>? quantization = null)
    {
        string file = $"{name}/config.json";
        try
        {
            using JsonDocument document = ConfigText.Parse(file, config);
            using JsonDocument? separate = quantization is { } bytes ? ConfigText.Parse($"{name}/hf_quant_config.json", bytes) : null;
            var root = new ConfigNode(file, document.RootElement);
            TransformerFacts facts = TransformerFacts.Read(root, separate is null ? null : new ConfigNode(file, separate.RootElement));
            var sums = facts.CreateSums();
            bool known = CheckpointTensors.Write(new CheckpointBuilder(
                facts.Config, facts.Quantization, facts.DataType, tensor => sums.Add(tensor.Name, tensor.Type, tensor.Shape.AsSpan(), tensor.Repeat)));
            return facts.ToModel(name, sums.ToParts()) with { UpperBound = !known };
        }
        catch (InvalidOperationException exception)
        {
            // Texts that are no valid Unicode are only found when they are asked for.
            throw new TransformerFormatException(file, $"holds text that is no valid Unicode ({exception.GetType().Name})", "download it again");
        }
    }
}
