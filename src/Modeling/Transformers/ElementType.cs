namespace GpuStack.Modeling.Transformers;

/// <summary>Element types of safetensors files, in that format's words, and the packed ones that quantization adds.</summary>
public enum ElementType
{
    F64,
    F32,
    F16,
    BF16,
    F8E4M3,
    F8E5M2,
    F8E8M0,
    F6E2M3,
    F6E3M2,
    F4,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    Bool,
    C64,
}
