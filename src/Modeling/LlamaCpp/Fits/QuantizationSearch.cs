using System.Collections.Immutable;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp.Parts;
using GpuStack.Modeling.LlamaCpp.Quantization;

namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>Which quantizations of a model fit, by the sizes that llama-quantize would give them: an approximation of published files.</summary>
public static class QuantizationSearch
{
    /// <summary>Every usual quantization, the best first.</summary>
    /// <param name="header">The model's file, of any quantization.</param>
    /// <param name="server">What is loaded; its model is replaced by the quantized one.</param>
    /// <param name="options">The server's settings.</param>
    /// <param name="usable">Memory of each device that the server may use, RPC devices first.</param>
    /// <param name="rpcDevices">How many devices, from the front, are RPC devices.</param>
    /// <param name="shares">The tensor split; null: the best split is looked for.</param>
    /// <exception cref="GgufFormatException">The header is none of a language model.</exception>
    public static ImmutableArray<QuantizationFit> Of(
        GgufHeader header, LlamaCppServer server, LlamaCppOptions options, ImmutableArray<Bytes> usable, int rpcDevices, IReadOnlyList<float>? shares = null)
    {
        ImmutableArray<QuantizationFit>.Builder fits = ImmutableArray.CreateBuilder<QuantizationFit>();
        foreach (GgufFileType type in Enum.GetValues<GgufFileType>())
        {
            LlamaCppModel model = LlamaCppModel.FromGguf(QuantizedHeader.Of(header, type));
            fits.Add(new QuantizationFit
            {
                Type = type,
                Weight = model.TotalWeightBytes,
                Fits = FitSearch.Create(server with { Model = model }, usable, rpcDevices, shares).Split(options) is not null,
            });
        }

        return fits.ToImmutable();
    }
}
