namespace GpuStack.Modeling.Facts;

/// <summary>How facts are written to files.</summary>
/// <typeparam name="T">The facts.</typeparam>
/// <param name="Version">Names the form of the text, and what the program understands of models: facts of another one are not used.</param>
/// <param name="Write">Turns facts into text.</param>
/// <param name="Read">Turns text into facts; may throw a <see cref="System.Text.Json.JsonException"/> or <see cref="FormatException"/>.</param>
public sealed record FactsFormat<T>(string Version, Func<T, string> Write, Func<string, T> Read);
