using System.Runtime.InteropServices;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>An object that appeared, and when, from the moment the first deployment was applied.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CreatedObject(string Kind, string Name, TimeSpan Created);
