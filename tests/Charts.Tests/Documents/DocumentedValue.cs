namespace GpuStack.Charts.Tests.Documents;

/// <summary>A value of the chart that a user sets as a whole.</summary>
/// <param name="Path">Such as <c>image.tag</c>.</param>
/// <param name="Default">As JSON.</param>
/// <param name="Description">The comment above it; empty for none.</param>
internal sealed record DocumentedValue(string Path, string Default, string Description);
