namespace GpuStack.Modeling.Facts;

/// <summary>What was found out about a model.</summary>
/// <typeparam name="T">The facts.</typeparam>
/// <param name="Value">The facts.</param>
/// <param name="Pin">What stood for the content they were read from: a commit, digest or entity tag; null where there was nothing of the kind.</param>
/// <param name="Checked">When the source was last known to have that content.</param>
public sealed record ModelFacts<T>(T Value, string? Pin, DateTimeOffset Checked);
