using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers.Checkpoints;
using GpuStack.Modeling.Transformers.Weights;

namespace GpuStack.Modeling.Transformers;

/// <summary>
/// Reads a Hugging Face model's facts: <c>config.json</c> (or Mistral's <c>params.json</c>), then the headers of its safetensors
/// files. A model without such files has its weights computed from the configuration.
/// </summary>
public static class TransformerModelReader
{
    private const string ConfigName = "config.json";
    private const string ParamsName = "params.json";
    private const string QuantizationName = "hf_quant_config.json";

    /// <summary>Reads a model.</summary>
    /// <param name="folder">The model's files.</param>
    /// <param name="name">The model's name; null for the folder's.</param>
    /// <param name="limits">Bounds on what the files may ask.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TransformerFormatException">The folder holds no configuration of a language model, or a file that its index names is missing.</exception>
    /// <exception cref="SafetensorsFormatException">A safetensors file, or the index, cannot be read.</exception>
    /// <exception cref="ByteRangeException">A file cannot be reached.</exception>
    public static async Task<TransformerModel> ReadAsync(
        IModelFolder folder, string? name = null, TransformerLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= TransformerLimits.Default;
        name ??= folder.Name;
        bool mistral = false;
        byte[]? config = await ReadFileAsync(folder, ConfigName, limits, cancellationToken).ConfigureAwait(false);
        if (config is null)
        {
            config = await ReadFileAsync(folder, ParamsName, limits, cancellationToken).ConfigureAwait(false)
                ?? throw new TransformerFormatException(folder.Name, "holds neither config.json nor params.json", "name the folder of a Hugging Face model");
            mistral = true;
        }

        string file = $"{folder.Name}/{(mistral ? ParamsName : ConfigName)}";
        byte[]? quantization = mistral ? null : await ReadFileAsync(folder, QuantizationName, limits, cancellationToken).ConfigureAwait(false);
        TransformerFacts facts = TransformerFacts.Read(file, config, mistral, quantization);
        TransformerModel computed = Compute(name, facts);
        WeightFiles? weights = await WeightFiles.ReadAsync(folder, facts, mistral, limits, cancellationToken).ConfigureAwait(false);
        return weights is null ? computed : weights.Into(computed);
    }

    /// <summary>A model from its <c>config.json</c> alone: the weights are computed from it.</summary>
    /// <param name="name">The model's name, for messages and for <see cref="TransformerModel.Name"/>.</param>
    /// <param name="config">The file's content.</param>
    /// <param name="quantization">The content of <c>hf_quant_config.json</c>, where there is one.</param>
    /// <exception cref="TransformerFormatException">It is no configuration of a language model.</exception>
    public static TransformerModel FromConfig(string name, ReadOnlyMemory<byte> config, ReadOnlyMemory<byte>? quantization = null) =>
        Compute(name, TransformerFacts.Read($"{name}/{ConfigName}", config, mistral: false, quantization));

    /// <summary>A model from Mistral's <c>params.json</c> alone: the weights are computed from it.</summary>
    /// <param name="name">The model's name, for messages and for <see cref="TransformerModel.Name"/>.</param>
    /// <param name="parameters">The file's content.</param>
    /// <exception cref="TransformerFormatException">It is no configuration of a language model.</exception>
    public static TransformerModel FromParams(string name, ReadOnlyMemory<byte> parameters) =>
        Compute(name, TransformerFacts.Read($"{name}/{ParamsName}", parameters, mistral: true, quantization: null));

    /// <summary>All tensors that a configuration implies, as a checkpoint would hold them.</summary>
    internal static IReadOnlyList<CheckpointTensor> Tensors(string name, ReadOnlyMemory<byte> config)
    {
        var tensors = new List<CheckpointTensor>();
        TransformerFacts facts = TransformerFacts.Read($"{name}/{ConfigName}", config, mistral: false, quantization: null);
        facts.WriteTensors(tensors.Add);
        return tensors;
    }

    private static TransformerModel Compute(string name, TransformerFacts facts)
    {
        WeightSums sums = facts.CreateSums();
        bool known = facts.WriteTensors(tensor => sums.Add(tensor.Name, tensor.Type, tensor.Shape.AsSpan(), tensor.Repeat));
        return facts.ToModel(name, sums.ToParts()) with { UpperBound = !known, TiedEmbeddings = facts.Config.Tied && !sums.HasHead };
    }

    /// <summary>A small file as a whole; null when there is none.</summary>
    private static async Task<byte[]?> ReadFileAsync(IModelFolder folder, string path, TransformerLimits limits, CancellationToken cancellationToken)
    {
        IByteRangeSource? source = await folder.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        if (source is null)
        {
            return null;
        }

        await using (source.ConfigureAwait(false))
        {
            var content = new MemoryStream();
            byte[] piece = new byte[16 << 10];
            int read;
            while ((read = await source.ReadAsync(content.Length, piece, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (content.Length + read > limits.ConfigBytes)
                {
                    throw new TransformerFormatException(
                        source.Name, $"is longer than the {limits.ConfigBytes >> 10} KiB that a configuration may have", "it is no model's configuration");
                }

                content.Write(piece, 0, read);
            }

            return content.ToArray();
        }
    }
}
