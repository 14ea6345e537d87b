using System.Globalization;

namespace GpuStack.Operator.Supervision.Processes;

/// <summary>What <c>/proc/PID/stat</c> says of a process.</summary>
/// <param name="Parent">The process id of its parent.</param>
/// <param name="State">One letter; Z is a zombie.</param>
internal readonly record struct ProcessStat(int Parent, char State)
{
    /// <summary>Reads <c>pid (name) state ppid …</c>; the name may hold anything, parentheses too. Null when it is none.</summary>
    public static ProcessStat? Parse(ReadOnlySpan<char> text)
    {
        var end = text.LastIndexOf(')');
        if (end < 0)
            return null;
        Span<Range> fields = stackalloc Range[3];
        var rest = text[(end + 1)..];
        return rest.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) >= 2
            && int.TryParse(rest[fields[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            ? new ProcessStat(parent, rest[fields[0]][0])
            : null;
    }
}
