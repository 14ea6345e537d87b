using System.Collections.Immutable;
using System.IO.Enumeration;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// The GGUF models among the files of a repository, and the choice between them. Names mean what they mean to <c>llama-server -hf</c>
/// (common/download.cpp, <c>find_best_model</c>): a quantization is looked for in the files' names without regard to case; without one,
/// Q4_K_M is taken, else Q8_0, else the first. Where llama.cpp would silently take the first of several models, this asks. Pure.
/// </summary>
public sealed record GgufCatalogue
{
    /// <summary>The most parts of one split model.</summary>
    internal const int MostParts = 1024;

    private const int ListedChoices = 20;

    private static readonly string[] Preferred = ["Q4_K_M", "Q8_0"];

    /// <summary>The models, in the order of their paths.</summary>
    public required ImmutableArray<GgufVariant> Variants { get; init; }

    /// <summary>Multimodal projectors (<c>mmproj</c>), in the order of their paths.</summary>
    public required ImmutableArray<RepositoryFile> Projectors { get; init; }

    /// <summary>Importance matrices and draft heads (<c>mtp-</c>, <c>eagle3-</c>, …).</summary>
    public required ImmutableArray<RepositoryFile> Companions { get; init; }

    /// <summary>The catalogue of a repository's files.</summary>
    public static GgufCatalogue Of(IEnumerable<RepositoryFile> files)
    {
        RepositoryFile[] ggufs = [.. files.Where(file => GgufFileName.IsGguf(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal)];
        return new GgufCatalogue
        {
            Projectors = [.. ggufs.Where(file => GgufFileName.IsProjector(file.Path))],
            Companions = [.. ggufs.Where(file => GgufFileName.IsCompanion(file.Path) && !GgufFileName.IsProjector(file.Path))],
            Variants =
            [
                .. ggufs
                    .Where(file => !GgufFileName.IsProjector(file.Path) && !GgufFileName.IsCompanion(file.Path))
                    .Select(file => (File: file, Name: GgufFileName.Of(file.Path)))
                    .GroupBy(entry => (entry.Name.Stem, entry.Name.Parts))
                    .Select(group => new GgufVariant
                    {
                        Quantization = group.First().Name.Quantization,
                        Files = [.. group.OrderBy(entry => entry.Name.Part).Select(entry => entry.File)],
                    }),
            ],
        };
    }

    /// <summary>Chooses a model.</summary>
    /// <param name="file">A path, a folder, or a pattern with <c>*</c> and <c>?</c>; null for any.</param>
    /// <param name="quantization">A quantization's name; null for any.</param>
    /// <exception cref="ModelChoiceException">There is none, or more than one, or parts of it are missing.</exception>
    public GgufVariant Choose(string? file, string? quantization)
    {
        if (Variants.IsEmpty)
        {
            throw new ModelChoiceException("there is no GGUF model; name another repository.", []);
        }

        ImmutableArray<GgufVariant> candidates = file is null ? Variants : Named(file);
        if (candidates.IsEmpty)
        {
            throw Refuse($"no GGUF model is named '{file}'", Variants);
        }

        if (quantization is not null)
        {
            ImmutableArray<GgufVariant> named = Quantized(candidates, quantization);
            return One(named.IsEmpty ? throw Refuse($"there is no quantization '{quantization}'", candidates) : named, $"several models are '{quantization}'");
        }

        if (candidates.Length == 1)
        {
            return One(candidates, "");
        }

        // A pattern or folder that fits several models of one quantization, or a repository of several quantizations.
        ImmutableArray<GgufVariant> preferred = Preferred
            .Select(name => candidates.Where(variant => variant.Quantization == name).ToImmutableArray())
            .FirstOrDefault(variants => !variants.IsEmpty, [candidates[0]]);
        return One(preferred, $"several models are {preferred[0].Quantization}");
    }

    /// <summary>
    /// The projector that belongs to a model: of the folder nearest to it, and of the nearest quantization; null when there is none.
    /// </summary>
    public RepositoryFile? ProjectorFor(GgufVariant variant)
    {
        int bits = GgufFileName.Bits(variant.Quantization);
        return Projectors
            .Where(projector => variant.Path.StartsWith(Folder(projector.Path), StringComparison.Ordinal))
            .OrderByDescending(projector => Folder(projector.Path).Length)
            .ThenBy(projector => Math.Abs(GgufFileName.Bits(GgufFileName.Of(projector.Path).Quantization) - bits))
            .FirstOrDefault();
    }

    private static string Folder(string path) => path[..(path.LastIndexOf('/') + 1)];

    private static ImmutableArray<GgufVariant> Quantized(ImmutableArray<GgufVariant> variants, string quantization)
    {
        string wanted = quantization.ToUpperInvariant();
        ImmutableArray<GgufVariant> exact = [.. variants.Where(variant => variant.Quantization == wanted)];
        return exact.IsEmpty ? [.. variants.Where(variant => Mentions(variant.Path, wanted))] : exact;
    }

    /// <summary>Whether a name stands in a path as a whole: <c>Q4_0</c> is not in <c>model-IQ4_0.gguf</c>.</summary>
    private static bool Mentions(string path, string name)
    {
        for (int at = path.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = path.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            int end = at + name.Length;
            if ((at == 0 || !char.IsAsciiLetterOrDigit(path[at - 1])) && end < path.Length && path[end] is '.' or '-' or '/')
            {
                return true;
            }
        }

        return false;
    }

    private static GgufVariant One(ImmutableArray<GgufVariant> variants, string why)
    {
        if (variants.Length > 1)
        {
            throw Refuse(why, variants);
        }

        GgufVariant chosen = variants[0];
        int parts = GgufFileName.Of(chosen.Path).Parts;
        return parts == chosen.Files.Length
            ? chosen
            : throw new ModelChoiceException(
                $"'{chosen.Path}' is one of {parts} parts, and only {chosen.Files.Length} of them are there; upload the others, or choose another file.", []);
    }

    private static ModelChoiceException Refuse(string why, ImmutableArray<GgufVariant> variants)
    {
        ImmutableArray<string> paths = [.. variants.Select(variant => variant.Path)];
        string more = paths.Length > ListedChoices ? $" and {paths.Length - ListedChoices} more" : "";
        return new ModelChoiceException($"{why}; name one of: {string.Join(", ", paths.Take(ListedChoices))}{more}.", paths);
    }

    private ImmutableArray<GgufVariant> Named(string file)
    {
        if (file.AsSpan().ContainsAny('*', '?'))
        {
            // Without a folder in it, a pattern is about the files' names.
            bool whole = file.Contains('/', StringComparison.Ordinal);
            return [.. Variants.Where(variant => variant.Files.Any(
                part => FileSystemName.MatchesSimpleExpression(file, whole ? part.Path : part.Name, ignoreCase: true)))];
        }

        foreach (StringComparison comparison in (StringComparison[])[StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase])
        {
            ImmutableArray<GgufVariant> named = [.. Variants.Where(variant => variant.Files.Any(part => part.Path.Equals(file, comparison)))];
            if (!named.IsEmpty)
            {
                return named;
            }
        }

        return [.. Variants.Where(variant => variant.Path.StartsWith(file.TrimEnd('/') + "/", StringComparison.Ordinal))];
    }
}
