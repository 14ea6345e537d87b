using System.Globalization;
using GpuStack.Modeling;

namespace GpuStack.Placement.Fleets;

/// <summary>Reads label and annotation values written by strangers: what is malformed or out of bounds is null, never an exception.</summary>
internal static class LabelValues
{
    /// <summary>More units on one node than any plugin offers.</summary>
    public const int MaxUnits = 1024;

    private const int MaxTextLength = 128;
    private const long MaxMemory = 16L << 40;
    private const long MinMemory = 16L << 20;

    private static readonly (string Suffix, long Factor)[] s_suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("k", 1_000L), ("M", 1_000_000L), ("G", 1_000_000_000L), ("T", 1_000_000_000_000L),
    ];

    /// <summary>A name, cut and without control characters.</summary>
    public static string Text(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return "";
        var text = value.Length > MaxTextLength ? value[..MaxTextLength] : value;
        return text.Any(char.IsControl) ? string.Concat(text.Where(c => !char.IsControl(c))) : text;
    }

    /// <summary>A count from 1 to <see cref="MaxUnits"/>.</summary>
    public static int? Count(string? value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MaxUnits ? count : null;

    /// <summary>A plain number of MiB.</summary>
    public static Bytes? MiB(string? value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxMemory >> 20
            ? InBounds(number << 20)
            : null;

    /// <summary>AMD's <c>64G</c>: GiB, whatever the suffix suggests.</summary>
    public static Bytes? AmdGiB(string? value)
    {
        if (value is null || value.Length > 16)
            return null;
        var digits = value.EndsWith("Gi", StringComparison.Ordinal) ? value[..^2] : value.EndsWith('G') ? value[..^1] : value;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxMemory >> 30
            ? InBounds(number << 30)
            : null;
    }

    /// <summary>A Kubernetes quantity of memory, such as <c>24Gi</c> or <c>24564Mi</c>.</summary>
    public static Bytes? Quantity(string? value)
    {
        if (value is null || value.Length > 32)
            return null;
        long factor = 1;
        var number = value;
        foreach (var (suffix, size) in s_suffixes)
        {
            if (!value.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            factor = size;
            number = value[..^suffix.Length];
            break;
        }

        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && amount <= MaxMemory / factor
            ? InBounds((long)(amount * factor))
            : null;
    }

    private static Bytes? InBounds(long bytes) => bytes is >= MinMemory and <= MaxMemory ? new Bytes(bytes) : null;
}
