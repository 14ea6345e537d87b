using System.Globalization;

namespace GpuStack.Operator.Supervision.Processes;

/// <summary>What <c>/proc/PID/stat</c> says of a process.</summary>
/// <param name="Parent">The process id of its parent.</param>
/// <param name="State">One letter; Z is a zombie.</param>
/// <param name="CpuTicks">Processor time used so far, in ticks of the kernel's clock; 0 when it is not told.</param>
internal sealed record ProcessStat(int Parent, char State, long CpuTicks = 0)
{
    /// <summary>Fields after the name, from 0.</summary>
    private const int UserTime = 11;

    private const int SystemTime = 12;

    /// <summary>Reads <c>pid (name) state ppid …</c>; the name may hold anything, parentheses too. Null when it is none.</summary>
    public static ProcessStat? Parse(ReadOnlySpan<char> text)
    {
        var end = text.LastIndexOf(')');
        if (end < 0)
            return null;
        Span<Range> fields = stackalloc Range[SystemTime + 2];
        var rest = text[(end + 1)..];
        var count = rest.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (count < 2 || !int.TryParse(rest[fields[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var parent))
            return null;
        var ticks = count > SystemTime ? Ticks(rest[fields[UserTime]]) + Ticks(rest[fields[SystemTime]]) : 0;
        return new ProcessStat(parent, rest[fields[0]][0], ticks);
    }

    /// <summary>Of a process; null when it ended, or is hidden from us.</summary>
    public static ProcessStat? Read(int pid)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Ticks(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) ? ticks : 0;
}
