using System.Runtime.InteropServices;

namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

/// <param name="Kind">What it is.</param>
/// <param name="Text">The text; of a string literal its value.</param>
/// <param name="Position">From 0.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}
