namespace GpuStack.Modeling.Serving;

/// <summary>The element type of an engine's key and value cache (<c>--kv-cache-dtype</c>).</summary>
public enum CacheElement
{
    /// <summary>The checkpoint's own where it states one, else the data type.</summary>
    Auto,

    /// <summary>Eight bits, with scales per tensor that take no room worth counting.</summary>
    Fp8,
}
