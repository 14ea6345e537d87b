using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Serving;

/// <summary>Sums of a weight over layers, so that any range of layers costs two look-ups.</summary>
internal sealed class LayerSums
{
    private readonly long[] _bytes;
    private readonly long[] _elements;

    public LayerSums(int layers)
    {
        _bytes = new long[layers + 1];
        _elements = new long[layers + 1];
    }

    public void Add(in WeightPart part)
    {
        _bytes[part.Layer + 1] += part.Size.Value;
        _elements[part.Layer + 1] += part.Elements;
    }

    /// <summary>Turns what was added per layer into running sums; called once, after the last <see cref="Add"/>.</summary>
    public void Accumulate()
    {
        for (int i = 1; i < _bytes.Length; i++)
        {
            _bytes[i] = checked(_bytes[i] + _bytes[i - 1]);
            _elements[i] = checked(_elements[i] + _elements[i - 1]);
        }
    }

    public long Bytes(in PipelineStage stage) => _bytes[stage.End] - _bytes[stage.Start];

    public long Elements(in PipelineStage stage) => _elements[stage.End] - _elements[stage.Start];
}
