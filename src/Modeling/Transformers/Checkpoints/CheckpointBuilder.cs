using GpuStack.Modeling.Transformers.Configuration;
using GpuStack.Modeling.Transformers.Quantization;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>
/// Writes down the tensors that a checkpoint holds, module by module. A linear layer becomes one tensor, or the several that its
/// quantization makes of it.
/// </summary>
/// <param name="config">The model's configuration.</param>
/// <param name="quantization">Which linear layers are quantized, and how.</param>
/// <param name="dataType">The type of what is not quantized.</param>
/// <param name="sink">Takes each tensor.</param>
internal sealed class CheckpointBuilder(TextConfig config, QuantizationScheme quantization, ElementType dataType, Action<CheckpointTensor> sink)
{
    public TextConfig Config => config;

    public QuantizationScheme Quantization => quantization;

    /// <summary>A tensor of the model's data type.</summary>
    public void Tensor(string name, params ReadOnlySpan<long> shape) => Emit(name, dataType, 1, shape);

    /// <summary>A norm: its weight and, where there is one, its bias.</summary>
    public void Norm(string module, long length, bool bias = false)
    {
        Emit(module + ".weight", dataType, 1, [length]);
        if (bias)
        {
            Emit(module + ".bias", dataType, 1, [length]);
        }
    }

    /// <summary>A linear layer that no quantization touches.</summary>
    public void Plain(string module, long outputs, long inputs, bool bias = false)
    {
        Emit(module + ".weight", dataType, 1, [outputs, inputs]);
        if (bias)
        {
            Emit(module + ".bias", dataType, 1, [outputs]);
        }
    }

    /// <summary>A linear layer, quantized when the configuration says so.</summary>
    public void Linear(string module, long outputs, long inputs, bool bias = false, int repeat = 1)
    {
        if (outputs == 0 || inputs == 0)
        {
            return;
        }

        if (quantization.Of(module) is { } scheme && scheme.Format != WeightFormat.MxFp4)
        {
            Quantized(module, outputs, inputs, repeat, scheme);
        }
        else
        {
            Emit(module + ".weight", dataType, repeat, [outputs, inputs]);
        }

        if (bias)
        {
            Emit(module + ".bias", dataType, repeat, [outputs]);
        }
    }

    /// <summary>All experts of a layer in one tensor: experts × rows × columns, the columns being the inputs when <paramref name="transposed"/> is false.</summary>
    public void Stacked(string name, long experts, long rows, long columns, bool transposed, bool bias)
    {
        (long outputs, long inputs) = transposed ? (columns, rows) : (rows, columns);
        if (quantization.Of(name) is { } scheme)
        {
            if (scheme.Format == WeightFormat.MxFp4)
            {
                long groups = (inputs + 31) / 32;
                Emit(name + "_blocks", ElementType.U8, 1, [experts, outputs, groups, 16]);
                Emit(name + "_scales", ElementType.U8, 1, [experts, outputs, groups]);
            }
            else
            {
                // Quantized checkpoints hold each expert on its own.
                int dot = name.LastIndexOf('.');
                Quantized($"{name[..dot]}.0{name[dot..]}", outputs, inputs, (int)experts, scheme);
            }
        }
        else
        {
            Emit(name, dataType, 1, [experts, rows, columns]);
        }

        if (bias)
        {
            Emit(name + "_bias", dataType, 1, [experts, outputs]);
        }
    }

    private void Quantized(string module, long outputs, long inputs, int repeat, WeightScheme scheme)
    {
        ElementType scales = scheme.ScaleType ?? dataType;
        long groups = scheme.GroupSize > 0 ? DivideUp(inputs, scheme.GroupSize) : 1;
        switch (scheme.Format)
        {
            case WeightFormat.Gptq or WeightFormat.Awq:
                bool alongInputs = scheme.Format == WeightFormat.Gptq;
                Emit(module + ".qweight", ElementType.I32, repeat, alongInputs ? [Packed(inputs, scheme), outputs] : [inputs, Packed(outputs, scheme)]);
                Emit(module + ".qzeros", ElementType.I32, repeat, [groups, Packed(outputs, scheme)]);
                Emit(module + ".scales", scales, repeat, [groups, outputs]);
                if (alongInputs)
                {
                    Emit(module + ".g_idx", ElementType.I32, repeat, [inputs]);
                }

                break;
            case WeightFormat.Packed:
                Emit(module + ".weight_packed", ElementType.I32, repeat, [outputs, Packed(inputs, scheme)]);
                Emit(module + ".weight_scale", scales, repeat, [outputs, groups]);
                Emit(module + ".weight_shape", ElementType.I64, repeat, [2]);
                if (scheme.ZeroPoints)
                {
                    Emit(module + ".weight_zero_point", ElementType.I32, repeat, [Packed(outputs, scheme), groups]);
                }

                break;
            case WeightFormat.NvFp4:
                bool modelOpt = scheme.ScaleName == "weight_scale_2";
                Emit(module + (modelOpt ? ".weight" : ".weight_packed"), ElementType.U8, repeat, [outputs, DivideUp(inputs, 2)]);
                Emit(module + ".weight_scale", ElementType.F8E4M3, repeat, [outputs, groups]);
                Emit(module + "." + scheme.ScaleName, ElementType.F32, repeat, [1]);
                if (scheme.ActivationScale || !modelOpt)
                {
                    Emit(module + (modelOpt ? ".input_scale" : ".input_global_scale"), ElementType.F32, repeat, [1]);
                }

                break;
            case WeightFormat.BitsAndBytes4:
                BitsAndBytes(module, outputs, inputs, repeat, scheme);
                break;
            case WeightFormat.BitsAndBytes8:
                Emit(module + ".weight", ElementType.I8, repeat, [outputs, inputs]);
                Emit(module + ".SCB", ElementType.F32, repeat, [outputs]);
                Emit(module + ".weight_format", ElementType.U8, repeat, [1]);
                break;
            default:
                Bytes(module, outputs, inputs, repeat, scheme, scales, groups);
                break;
        }
    }

    private void Bytes(string module, long outputs, long inputs, int repeat, WeightScheme scheme, ElementType scales, long groups)
    {
        Emit(module + ".weight", scheme.WeightType, repeat, [outputs, inputs]);
        string name = $"{module}.{scheme.ScaleName}";
        if (scheme.Block is { Rows: > 0, Columns: > 0 } block)
        {
            Emit(name, scales, repeat, [DivideUp(outputs, block.Rows), DivideUp(inputs, block.Columns)]);
        }
        else if (scheme.GroupSize < 0)
        {
            Emit(name, scales, repeat, [1]);
        }
        else
        {
            Emit(name, scales, repeat, [outputs, groups]);
        }

        if (scheme.ActivationScale)
        {
            Emit(module + ".input_scale", scales, repeat, [1]);
        }
    }

    private void BitsAndBytes(string module, long outputs, long inputs, int repeat, WeightScheme scheme)
    {
        long elements = checked(outputs * inputs);
        long blocks = DivideUp(elements, scheme.GroupSize);
        Emit(module + ".weight", ElementType.U8, repeat, [DivideUp(elements, 2), 1]);
        Emit(module + ".weight.quant_map", ElementType.F32, repeat, [16]);
        if (scheme.DoubleQuantized)
        {
            Emit(module + ".weight.absmax", ElementType.U8, repeat, [blocks]);
            Emit(module + ".weight.nested_absmax", ElementType.F32, repeat, [DivideUp(blocks, 256)]);
            Emit(module + ".weight.nested_quant_map", ElementType.F32, repeat, [256]);
        }
        else
        {
            Emit(module + ".weight.absmax", ElementType.F32, repeat, [blocks]);
        }
    }

    private static long Packed(long length, WeightScheme scheme) => DivideUp(checked(length * scheme.Bits), 32);

    private static long DivideUp(long value, long divisor) => (value + divisor - 1) / divisor;

    private void Emit(string name, ElementType type, int repeat, params ReadOnlySpan<long> shape) => sink(new CheckpointTensor(name, type, [.. shape], repeat));
}
