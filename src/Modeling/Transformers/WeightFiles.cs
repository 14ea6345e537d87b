using System.Collections.Immutable;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers.Weights;

namespace GpuStack.Modeling.Transformers;

/// <summary>The weights that a model's safetensors files hold: each header is read, added up and let go.</summary>
internal sealed class WeightFiles
{
    /// <summary>Files and configuration may differ by what the families' descriptions leave out; beyond this the folder is another model's.</summary>
    private const double Tolerance = 0.02;

    private readonly List<string> _warnings = [];
    private readonly WeightSums _sums;

    private WeightFiles(WeightSums sums) => _sums = sums;

    /// <summary>Reads the headers; null when the folder has no safetensors files.</summary>
    public static async Task<WeightFiles?> ReadAsync(
        IModelFolder folder, TransformerFacts facts, bool mistral, TransformerLimits limits, CancellationToken cancellationToken)
    {
        foreach (string stem in mistral ? new[] { "consolidated", "model" } : ["model", "consolidated"])
        {
            string indexName = $"{stem}.safetensors.index.json";
            IByteRangeSource? index = await folder.OpenAsync(indexName, cancellationToken).ConfigureAwait(false);
            if (index is not null)
            {
                await using (index.ConfigureAwait(false))
                {
                    SafetensorsIndex shards = await SafetensorsIndexReader.ReadAsync(index, limits.Safetensors, cancellationToken).ConfigureAwait(false);
                    return await ReadShardsAsync(folder, indexName, shards, facts, limits, cancellationToken).ConfigureAwait(false);
                }
            }

            IByteRangeSource? single = await folder.OpenAsync($"{stem}.safetensors", cancellationToken).ConfigureAwait(false);
            if (single is not null)
            {
                await using (single.ConfigureAwait(false))
                {
                    var weights = new WeightFiles(facts.CreateSums());
                    Add(await SafetensorsReader.ReadAsync(single, limits.Safetensors, cancellationToken).ConfigureAwait(false), weights._sums);
                    return weights;
                }
            }
        }

        return null;
    }

    /// <summary>The model with these weights in place of the computed ones.</summary>
    /// <exception cref="TransformerFormatException">The files hold no weights of this model.</exception>
    public TransformerModel Into(TransformerModel computed)
    {
        ImmutableArray<WeightPart> parts = _sums.ToParts();
        TransformerModel model = computed with { Weights = parts, TiedEmbeddings = computed.TiedEmbeddings && !_sums.HasHead };
        if (parts.IsEmpty)
        {
            throw new TransformerFormatException(computed.Name, "its safetensors files hold no weights of the model that its config.json describes", "download it again");
        }

        double difference = Math.Abs((double)model.ParameterCount - computed.ParameterCount) / computed.ParameterCount;
        if (!computed.UpperBound && difference > Tolerance)
        {
            _warnings.Add($"{computed.Name}: the files hold {model.ParameterCount} parameters, where the configuration makes {computed.ParameterCount}.");
        }

        return model with { Warnings = [.. computed.Warnings, .. _warnings] };
    }

    private static async Task<WeightFiles> ReadShardsAsync(
        IModelFolder folder, string indexName, SafetensorsIndex index, TransformerFacts facts, TransformerLimits limits, CancellationToken cancellationToken)
    {
        var weights = new WeightFiles(facts.CreateSums());
        Bytes size = default;
        var options = new ParallelOptions { MaxDegreeOfParallelism = limits.ConcurrentShards, CancellationToken = cancellationToken };
        var guard = new Lock();
        await Parallel.ForEachAsync(index.Shards, options, async (shard, token) =>
        {
            IByteRangeSource source = await folder.OpenAsync(shard.Path, token).ConfigureAwait(false)
                ?? throw new TransformerFormatException(folder.Name, $"{indexName} names {shard.Path}, but there is no such file", "it is incomplete: download it again");
            await using (source.ConfigureAwait(false))
            {
                SafetensorsHeader header = await SafetensorsReader.ReadAsync(source, limits.Safetensors, token).ConfigureAwait(false);
                WeightSums sums = facts.CreateSums();
                Add(header, sums);
                lock (guard)
                {
                    weights._sums.Add(sums);
                    size += header.DataSize;
                    if (header.Tensors.Length != shard.Tensors)
                    {
                        weights._warnings.Add($"{source.Name}: holds {header.Tensors.Length} tensors, where {indexName} has {shard.Tensors}.");
                    }
                }
            }
        }).ConfigureAwait(false);

        if (index.TotalSize is { } stated && stated != size)
        {
            weights._warnings.Add($"{folder.Name}: {indexName} states a total size of {stated.Value} bytes, but its files hold {size.Value}.");
        }

        weights._warnings.Sort(StringComparer.Ordinal);
        return weights;
    }

    private static void Add(SafetensorsHeader header, WeightSums sums)
    {
        foreach (SafetensorsTensor tensor in header.Tensors)
        {
            sums.Add(tensor.Name, tensor.Type, tensor.Shape.AsSpan());
        }
    }
}
