using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>Adds up tensors by layer and sharding; of each tensor only its share in the sums is kept.</summary>
internal sealed class WeightSums
{
    /// <summary>More than any model has; within it no sum of sizes exceeds 63 bits.</summary>
    private const long MaximumBytes = 1L << 50;

    private readonly TextConfig _config;
    private readonly ImmutableArray<TransformerLayer> _layers;
    private readonly TensorClassifier _classifier;
    private readonly ElementType _dataType;
    private readonly int _bits;
    private readonly (long Elements, long Bytes)[] _slots;
    private long _total;

    public WeightSums(TextConfig config, ImmutableArray<TransformerLayer> layers, ElementType dataType, int quantizationBits)
    {
        _config = config;
        _layers = layers;
        _classifier = new TensorClassifier(config.Layers, config.Experts, config.Tied && config.TiedStated, config.WholeTowers);
        _dataType = dataType;
        _bits = quantizationBits;
        _slots = new (long, long)[(config.Layers - WeightPart.Towers) * Shardings];
    }

    private static int Shardings => (int)WeightSharding.Experts + 1;

    /// <summary>Adds a tensor, or so many of the same shape.</summary>
    /// <exception cref="TransformerFormatException">The sum is beyond any model's.</exception>
    public void Add(ReadOnlySpan<char> name, ElementType type, ReadOnlySpan<long> shape, int repeat = 1)
    {
        TensorPlace place = _classifier.Place(name, shape, type);
        if (!place.Loaded)
        {
            return;
        }

        Int128 count = repeat;
        foreach (long dimension in shape)
        {
            count *= dimension;
            if (count > MaximumBytes)
            {
                throw TooLarge();
            }
        }

        long elements = (long)count;
        long parameters = place.Content switch
        {
            TensorContent.Packed => _bits > 0 ? elements * type.Bits() / _bits : elements,
            TensorContent.Nibbles => _bits is 0 or 4 ? elements * 2 : elements,
            TensorContent.Companion => 0,
            _ => elements,
        };
        ElementType held = place.Content == TensorContent.Parameters && type.IsPlainFloat() ? _dataType : type;
        long bytes = held.SizeOf(elements).Value;
        _total += bytes;
        if (_total > MaximumBytes)
        {
            throw TooLarge();
        }

        if (place.FusedAttention)
        {
            (long queries, long keysAndValues) = Share(place.Layer);
            (long keyElements, long keyBytes) = (Part(parameters, keysAndValues, queries), Part(bytes, keysAndValues, queries));
            Slot(place.Layer, WeightSharding.KeyValueHeads, keyElements, keyBytes);
            Slot(place.Layer, place.Sharding, parameters - keyElements, bytes - keyBytes);
        }
        else
        {
            Slot(place.Layer, place.Sharding, parameters, bytes);
        }
    }

    /// <summary>Adds the sums of another part of the same model.</summary>
    public void Add(WeightSums other)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i] = (_slots[i].Elements + other._slots[i].Elements, _slots[i].Bytes + other._slots[i].Bytes);
        }

        _total += other._total;
        if (_total > MaximumBytes)
        {
            throw TooLarge();
        }
    }

    /// <summary>Whether there is an output head of its own among the tensors.</summary>
    public bool HasHead => _slots[((WeightPart.Outputs - WeightPart.Towers) * Shardings) + (int)WeightSharding.Vocabulary].Bytes > 0;

    /// <summary>The sums, by layer.</summary>
    public ImmutableArray<WeightPart> ToParts()
    {
        ImmutableArray<WeightPart>.Builder parts = ImmutableArray.CreateBuilder<WeightPart>();
        for (int i = 0; i < _slots.Length; i++)
        {
            (long elements, long bytes) = _slots[i];
            if (bytes > 0)
            {
                parts.Add(new WeightPart((i / Shardings) + WeightPart.Towers, (WeightSharding)(i % Shardings), elements, new Bytes(bytes)));
            }
        }

        return parts.ToImmutable();
    }

    private static long Part(long whole, long part, long rest) => part + rest == 0 ? 0 : (long)((Int128)whole * part / (part + rest));

    /// <summary>Rows of queries, and rows of keys and values, in a fused tensor of a layer.</summary>
    private (long Queries, long KeysAndValues) Share(int layer)
    {
        TransformerLayer shape = layer >= 0 && layer < _layers.Length ? _layers[layer] : default;
        return shape.Kind is TransformerLayerKind.Recurrent or TransformerLayerKind.None
            ? (1, 0)
            : ((long)_config.Heads * shape.KeyLength, (long)shape.KeyValueHeads * (shape.KeyLength + shape.ValueLength));
    }

    private void Slot(int layer, WeightSharding sharding, long elements, long bytes)
    {
        ref (long Elements, long Bytes) slot = ref _slots[((layer - WeightPart.Towers) * Shardings) + (int)sharding];
        slot = (slot.Elements + elements, slot.Bytes + bytes);
    }

    private TransformerFormatException TooLarge() =>
        new(_config.Node.File, "adds up to more than a petabyte of weights", "the file is damaged or not a model's configuration");
}
