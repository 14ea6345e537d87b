namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Numbers of tensor types that ggml once had and no longer reads (the comments in the enum <c>ggml_type</c> of its <c>ggml.h</c>).
/// The ones that packed rows for one kind of processor are now made from their plain type as the model is loaded.
/// </summary>
internal static class GgmlRetiredTypes
{
    /// <summary>The name that a number had, and the type to quantize to instead; null for a number that was never one.</summary>
    public static (string Name, GgmlType Successor)? Find(uint number) => number switch
    {
        4 => ("Q4_2", GgmlType.Q4_0),
        5 => ("Q4_3", GgmlType.Q4_1),
        31 => ("Q4_0_4_4", GgmlType.Q4_0),
        32 => ("Q4_0_4_8", GgmlType.Q4_0),
        33 => ("Q4_0_8_8", GgmlType.Q4_0),
        36 => ("IQ4_NL_4_4", GgmlType.IQ4_NL),
        37 => ("IQ4_NL_4_8", GgmlType.IQ4_NL),
        38 => ("IQ4_NL_8_8", GgmlType.IQ4_NL),
        _ => null,
    };
}
