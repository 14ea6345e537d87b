using System.Runtime.InteropServices;
using GpuStack.Modeling.Serving;

namespace GpuStack.Modeling.VLLM;

/// <summary>Layers of one shape in vLLM's hybrid cache, spread over groups of the same size; each group has its own blocks of a request.</summary>
/// <param name="Layers">The layers.</param>
/// <param name="BlockTokens">Tokens in a block, raised until a block takes one page.</param>
/// <param name="Groups">The groups that the layers are spread over; the last ones may be padded.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VllmCacheGroup(CacheClass Layers, long BlockTokens, int Groups);
