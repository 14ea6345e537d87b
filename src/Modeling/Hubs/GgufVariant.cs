using System.Collections.Immutable;

namespace GpuStack.Modeling.Hubs;

/// <summary>One model among a repository's GGUF files: a file, or all the parts of a split one.</summary>
public sealed record GgufVariant
{
    /// <summary>The quantization that its name ends in, such as <c>Q4_K_M</c> or <c>UD-Q4_K_XL</c>, in capitals; null when it names none.</summary>
    public string? Quantization { get; init; }

    /// <summary>Its files in the order of their parts; the first holds the metadata.</summary>
    public required ImmutableArray<RepositoryFile> Files { get; init; }

    /// <summary>The file that is given to an engine.</summary>
    public string Path => Files[0].Path;

    /// <summary>The bytes of all its files; null where the repository does not tell one of them.</summary>
    public long? Size => Files.Aggregate((long?)0, (sum, file) => sum + file.Size);

    /// <summary>The variant that a file's name tells, without a listing.</summary>
    /// <param name="path">The path of its file, or of its first part.</param>
    /// <param name="size">The file's size, where it is known and is the only one.</param>
    internal static GgufVariant Named(string path, long? size)
    {
        GgufFileName name = GgufFileName.IsGguf(path) ? GgufFileName.Of(path) : new GgufFileName { Stem = path };
        return new GgufVariant
        {
            Quantization = name.Quantization,
            Files = name is { Part: 1, Parts: > 1 and <= GgufCatalogue.MostParts }
                ? [.. Enumerable.Range(1, name.Parts).Select(part => new RepositoryFile(part == 1 ? path : name.PathOf(part), null))]
                : [new RepositoryFile(path, size)],
        };
    }
}
