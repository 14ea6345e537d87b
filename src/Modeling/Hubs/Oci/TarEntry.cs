namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>A file in a tar archive.</summary>
/// <param name="Path">Its path, without a leading <c>./</c> or <c>/</c>.</param>
/// <param name="Offset">Where its content begins in the archive.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record TarEntry(string Path, long Offset, long Size);
