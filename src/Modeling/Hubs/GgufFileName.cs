using System.Globalization;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// What the name of a GGUF file tells: <c>NAME-QUANTIZATION[-00001-of-00003].gguf</c>. The conventions are llama.cpp's
/// (common/download.cpp: <c>get_gguf_split_info</c>, <c>gguf_filename_is_model</c>). Pure.
/// </summary>
internal sealed record GgufFileName
{
    public const string Suffix = ".gguf";

    /// <summary>What stands before a quantization in names of Unsloth's dynamic mixtures; part of what their users call it.</summary>
    private const string DynamicPrefix = "UD-";

    /// <summary>Marks of files that go with a model without being one: importance matrices and draft heads.</summary>
    private static readonly string[] Companions = ["imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"];

    private static readonly string[] Families = ["IQ", "TQ", "Q", "BF", "FP", "F", "MXFP", "NVFP"];

    /// <summary>The path without suffix and part number: equal for all parts of one model.</summary>
    public required string Stem { get; init; }

    /// <summary>Such as <c>Q4_K_M</c> or <c>UD-Q4_K_XL</c>, in capitals; null when the name has none.</summary>
    public string? Quantization { get; init; }

    /// <summary>The part's number from 1.</summary>
    public int Part { get; init; } = 1;

    /// <summary>How many parts there are.</summary>
    public int Parts { get; init; } = 1;

    public static bool IsGguf(string path) => path.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    public static bool IsProjector(string path) => IsGguf(path) && Name(path).Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    public static bool IsCompanion(string path) =>
        IsGguf(path) && Array.Exists(Companions, mark => Name(path).Contains(mark, StringComparison.OrdinalIgnoreCase));

    public static GgufFileName Of(string path)
    {
        string stem = path[..^Suffix.Length];
        (int part, int parts) = (1, 1);

        // -00001-of-00003
        const int ending = 15;
        if (stem.Length > ending && stem[^ending] == '-' && stem.AsSpan(stem.Length - 9, 4).Equals("-of-", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(stem.AsSpan(stem.Length - 14, 5), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(stem.AsSpan(stem.Length - 5), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && index >= 1 && index <= count)
        {
            (stem, part, parts) = (stem[..^ending], index, count);
        }

        return new GgufFileName { Stem = stem, Quantization = QuantizationIn(stem), Part = part, Parts = parts };
    }

    /// <summary>The name of another part.</summary>
    public string PathOf(int part) => Parts == 1
        ? Stem + Suffix
        : string.Create(CultureInfo.InvariantCulture, $"{Stem}-{part:00000}-of-{Parts:00000}{Suffix}");

    /// <summary>The number in a quantization's name, as its bits: 4 in <c>Q4_K_M</c>, 16 in <c>F16</c>; 0 when there is none.</summary>
    public static int Bits(string? quantization)
    {
        int start = quantization.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0)
        {
            return 0;
        }

        int end = start;
        while (end < quantization!.Length && end < start + 3 && char.IsAsciiDigit(quantization[end]))
        {
            end++;
        }

        return int.Parse(quantization.AsSpan(start, end - start), CultureInfo.InvariantCulture);
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string? QuantizationIn(string stem)
    {
        string name = Name(stem);
        int separator = name.LastIndexOfAny(['-', '.']);
        string tag = name[(separator + 1)..].ToUpperInvariant();
        bool isQuantization = tag.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            && Array.Exists(Families, family => tag.StartsWith(family, StringComparison.Ordinal) && tag.Length > family.Length && char.IsAsciiDigit(tag[family.Length]));
        if (!isQuantization)
        {
            return null;
        }

        return name[..(separator + 1)].EndsWith(DynamicPrefix, StringComparison.OrdinalIgnoreCase) ? DynamicPrefix + tag : tag;
    }
}
