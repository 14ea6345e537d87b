using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuStack.Placement.Fleets;

/// <summary>CUDA compute capability, such as 8.9.</summary>
/// <param name="Major">The part before the dot.</param>
/// <param name="Minor">The part after the dot.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ComputeCapability(int Major, int Minor) : IComparable<ComputeCapability>
{
    /// <inheritdoc/>
    public int CompareTo(ComputeCapability other) =>
        Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <summary>Reads <c>8.9</c> or <c>8</c>.</summary>
    /// <param name="text">The text; anything else gives null.</param>
    /// <returns>The capability, or null.</returns>
    public static ComputeCapability? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 8)
            return null;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var majorText = dot < 0 ? text : text[..dot];
        var minorText = dot < 0 ? "0" : text[(dot + 1)..];
        return int.TryParse(majorText, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(minorText, NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new ComputeCapability(major, minor)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";

    /// <summary>Less.</summary>
    public static bool operator <(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) < 0;

    /// <summary>Greater.</summary>
    public static bool operator >(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) > 0;

    /// <summary>Less or equal.</summary>
    public static bool operator <=(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) <= 0;

    /// <summary>Greater or equal.</summary>
    public static bool operator >=(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) >= 0;
}
