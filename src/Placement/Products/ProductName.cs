namespace GpuStack.Placement.Products;

/// <summary>Names of GPUs, as different labels spell them, brought to one form.</summary>
internal static class ProductName
{
    private const int MaxLength = 128;

    private static readonly HashSet<string> s_brands = new(StringComparer.Ordinal)
    {
        "NVIDIA", "GEFORCE", "TESLA", "AMD", "INSTINCT", "RADEON", "INTEL", "R", "TM", "GRAPHICS", "DATA", "CENTER", "GPU", "SERIES",
    };

    /// <summary>Upper-case words without brands, sharing and partition suffixes.</summary>
    public static List<string> Words(string name)
    {
        if (name.Length > MaxLength)
            name = name[..MaxLength];
        var mig = name.IndexOf("-MIG-", StringComparison.OrdinalIgnoreCase);
        if (mig > 0)
            name = name[..mig];
        if (name.EndsWith("-SHARED", StringComparison.OrdinalIgnoreCase))
            name = name[..^"-SHARED".Length];

        var words = new List<string>();
        var start = -1;
        for (var i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && char.IsAsciiLetterOrDigit(name[i]))
            {
                if (start < 0)
                    start = i;
            }
            else if (start >= 0)
            {
                var word = name[start..i].ToUpperInvariant();
                if (!s_brands.Contains(word))
                    words.Add(word);
                start = -1;
            }
        }

        return words;
    }

    /// <summary>The words as one key.</summary>
    public static string Key(string name) => string.Join(' ', Words(name));

    /// <summary>A selector's product names this label's product: all its words stand in the label, in order from the first.</summary>
    public static bool Matches(string wanted, string label)
    {
        var wantedWords = Words(wanted);
        var labelWords = Words(label);
        if (wantedWords.Count == 0 || wantedWords.Count > labelWords.Count)
            return string.Equals(wanted, label, StringComparison.OrdinalIgnoreCase);
        for (var i = 0; i < wantedWords.Count; i++)
        {
            if (wantedWords[i] != labelWords[i])
                return false;
        }

        return true;
    }
}
