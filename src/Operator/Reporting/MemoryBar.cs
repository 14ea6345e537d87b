using GpuStack.Modeling;

namespace GpuStack.Operator.Reporting;

/// <summary>A GPU's memory as a bar of fixed width, in Spectre.Console markup; readable without colours too.</summary>
internal static class MemoryBar
{
    /// <summary>What the signs mean.</summary>
    public const string Legend = "# weights, k KV cache, c compute, o overhead, r reserve, . free";

    private const int Width = 40;

    public static string Of(DeviceMemory device, Bytes memory, Bytes usable)
    {
        (char Sign, string Color, Bytes Part)[] parts =
        [
            ('#', "green", device.Weight), ('k', "blue", device.KvCache), ('c', "yellow", device.Compute),
            ('o', "olive", device.Overhead), ('.', "grey", usable - device.Total), ('r', "red", memory - usable),
        ];
        var bar = new System.Text.StringBuilder("[[");
        Bytes sum = default;
        var drawn = 0;
        foreach (var (sign, color, part) in parts)
        {
            // Rounding the running sum, not each part, keeps the bar's width.
            sum += part;
            var end = memory.Value <= 0 ? 0 : (int)Math.Clamp(Math.Round(Width * (double)sum.Value / memory.Value), drawn, Width);
            if (end > drawn)
                bar.Append('[').Append(color).Append(']').Append(sign, end - drawn).Append("[/]");
            drawn = end;
        }

        return bar.Append("]]").ToString();
    }
}
