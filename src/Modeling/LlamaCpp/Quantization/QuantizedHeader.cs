using System.Collections.Immutable;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp.Quantization;

/// <summary>
/// The header that a model's file would have after <c>llama-quantize</c> gave it another type: the same tensors in other sizes.
/// An approximation of the files that people publish: their makers may choose types tensor by tensor, and with an importance
/// matrix some tensors of IQ types come out smaller.
/// </summary>
public static class QuantizedHeader
{
    /// <summary>The header under another file type; the data's offsets are not those of a file.</summary>
    public static GgufHeader Of(GgufHeader header, GgufFileType type)
    {
        var typing = new TensorTyping(header, type);
        ImmutableArray<GgufTensor>.Builder tensors = ImmutableArray.CreateBuilder<GgufTensor>(header.Tensors.Length);
        foreach (GgufTensor tensor in header.Tensors)
        {
            GgmlType next = typing.TypeOf(tensor);
            tensors.Add(GgmlTypeLayout.TryGet(next, out GgmlTypeLayout layout) && tensor.Dimensions[0] % layout.BlockElements == 0
                ? tensor with { Type = next, Size = tensor.Elements / layout.BlockElements * layout.BlockBytes }
                : tensor);
        }

        return header with { Tensors = tensors.MoveToImmutable() };
    }
}
