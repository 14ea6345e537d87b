namespace GpuStack.Modeling.Transformers;

/// <summary>Names and sizes of element types.</summary>
public static class ElementTypes
{
    /// <summary>The size of one element in bits.</summary>
    public static int Bits(this ElementType type) => type switch
    {
        ElementType.F64 or ElementType.I64 or ElementType.U64 or ElementType.C64 => 64,
        ElementType.F32 or ElementType.I32 or ElementType.U32 => 32,
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 16,
        ElementType.F6E2M3 or ElementType.F6E3M2 => 6,
        ElementType.F4 => 4,
        _ => 8,
    };

    /// <summary>True for the types that an engine converts to the model's data type when it loads a weight.</summary>
    public static bool IsPlainFloat(this ElementType type) =>
        type is ElementType.F64 or ElementType.F32 or ElementType.F16 or ElementType.BF16;

    /// <summary>The bytes of so many elements, rounded up to whole bytes.</summary>
    public static Bytes SizeOf(this ElementType type, long elements) => new((checked(elements * type.Bits()) + 7) / 8);

    /// <summary>The type that a safetensors header calls so; null for an unknown one.</summary>
    public static ElementType? FromSafetensors(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("BF16"u8) => ElementType.BF16,
        _ when name.SequenceEqual("F16"u8) => ElementType.F16,
        _ when name.SequenceEqual("F32"u8) => ElementType.F32,
        _ when name.SequenceEqual("F8_E4M3"u8) => ElementType.F8E4M3,
        _ when name.SequenceEqual("F8_E5M2"u8) => ElementType.F8E5M2,
        _ when name.SequenceEqual("I32"u8) => ElementType.I32,
        _ when name.SequenceEqual("U8"u8) => ElementType.U8,
        _ when name.SequenceEqual("I8"u8) => ElementType.I8,
        _ when name.SequenceEqual("I64"u8) => ElementType.I64,
        _ when name.SequenceEqual("BOOL"u8) => ElementType.Bool,
        _ when name.SequenceEqual("F8_E8M0"u8) => ElementType.F8E8M0,
        _ when name.SequenceEqual("F4"u8) => ElementType.F4,
        _ when name.SequenceEqual("F6_E2M3"u8) => ElementType.F6E2M3,
        _ when name.SequenceEqual("F6_E3M2"u8) => ElementType.F6E3M2,
        _ when name.SequenceEqual("F64"u8) => ElementType.F64,
        _ when name.SequenceEqual("I16"u8) => ElementType.I16,
        _ when name.SequenceEqual("U16"u8) => ElementType.U16,
        _ when name.SequenceEqual("U32"u8) => ElementType.U32,
        _ when name.SequenceEqual("U64"u8) => ElementType.U64,
        _ when name.SequenceEqual("C64"u8) => ElementType.C64,
        _ => null,
    };

    /// <summary>The name that safetensors headers use.</summary>
    public static string SafetensorsName(this ElementType type) => type switch
    {
        ElementType.F8E4M3 => "F8_E4M3",
        ElementType.F8E5M2 => "F8_E5M2",
        ElementType.F8E8M0 => "F8_E8M0",
        ElementType.F6E2M3 => "F6_E2M3",
        ElementType.F6E3M2 => "F6_E3M2",
        ElementType.Bool => "BOOL",
        _ => type.ToString(),
    };

    /// <summary>The type that a configuration calls so (<c>torch_dtype</c>); null for an unknown one.</summary>
    internal static ElementType? FromTorch(string? name) => name?.Replace("torch.", "", StringComparison.Ordinal) switch
    {
        "bfloat16" or "bf16" => ElementType.BF16,
        "float16" or "half" or "fp16" => ElementType.F16,
        "float32" or "float" or "fp32" => ElementType.F32,
        "float64" or "double" => ElementType.F64,
        "float8_e4m3fn" or "fp8" or "fp8_e4m3" or "FP8" => ElementType.F8E4M3,
        "float8_e5m2" or "fp8_e5m2" => ElementType.F8E5M2,
        _ => null,
    };
}
