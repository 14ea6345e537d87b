namespace GpuStack.Modeling.Fetching;

/// <summary>A file of a fetched model.</summary>
/// <param name="Path">Its path in the model's folder, with <c>/</c> between its parts.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, lower-case hexadecimal.</param>
public sealed record FetchedFile(string Path, long Size, string Sha256);
