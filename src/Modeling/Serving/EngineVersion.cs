using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Serving;

/// <summary>The release of an engine, as far as its memory depends on it: 0.19.1 is (0, 19, 1).</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second number.</param>
/// <param name="Patch">The third number; 0 where there is none.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EngineVersion(int Major, int Minor, int Patch = 0) : IComparable<EngineVersion>
{
    public static bool operator <(EngineVersion left, EngineVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(EngineVersion left, EngineVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(EngineVersion left, EngineVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EngineVersion left, EngineVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Reads "0.19.0", "v0.8.5.post1" or "0.11.0rc2": what follows the numbers is left out. False when there is no such number.</summary>
    public static bool TryParse(string? text, out EngineVersion version)
    {
        version = default;
        if (text is null || text.Length > 64)
        {
            return false;
        }

        Span<int> numbers = stackalloc int[3];
        int count = 0;
        ReadOnlySpan<char> rest = text.AsSpan().Trim().TrimStart('v');
        while (count < numbers.Length && !rest.IsEmpty)
        {
            int digits = 0;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
            {
                digits++;
            }

            if (digits == 0 || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[count]))
            {
                break;
            }

            count++;
            rest = rest[digits..];
            if (rest.IsEmpty || rest[0] != '.')
            {
                break;
            }

            rest = rest[1..];
        }

        version = new EngineVersion(numbers[0], numbers[1], numbers[2]);
        return count >= 2;
    }

    /// <inheritdoc />
    public int CompareTo(EngineVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}
