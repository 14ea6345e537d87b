using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Gguf;

/// <summary>Where in a header its reader is. Words are made of it only when something is wrong there: a header has thousands of places.</summary>
/// <param name="Text">What is there.</param>
/// <param name="Name">Its name in the file; empty when it has none.</param>
/// <param name="Index">Which one of several it is, from 0.</param>
/// <param name="Count">How many of them there are; 0 when it is the only one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GgufPlace(string Text, string Name = "", int Index = 0, int Count = 0)
{
    /// <summary>Name and index in a sentence, such as <c>tensor 3 of 291</c>.</summary>
    public override string ToString() =>
        Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Text} {Index + 1} of {Count}")
        : Name.Length > 0 ? $"{Text} {GgufReader.Quote(Name)}"
        : Text;
}
