using GpuStack.Modeling;

namespace GpuStack.Operator.Reporting;

/// <summary>A GPU's memory as a bar, in Spectre.Console markup; readable without colours too.</summary>
internal static class MemoryBar
{
    /// <summary>What the signs mean.</summary>
    public const string Legend = "# weights, k KV cache, c compute, o overhead, r reserve, . free";

    /// <summary>Cells between the brackets where there is room.</summary>
    public const int MostCells = 40;

    /// <summary>Cells between the brackets where there is little room: fewer would show nothing.</summary>
    public const int FewestCells = 12;

    /// <summary>The bar of one device.</summary>
    /// <param name="device">What the plan puts there.</param>
    /// <param name="memory">All memory of the device: the whole bar.</param>
    /// <param name="usable">What of it a plan may fill; the rest is reserve.</param>
    /// <param name="cells">Cells between the brackets.</param>
    public static string Of(DeviceMemory device, Bytes memory, Bytes usable, int cells = MostCells)
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
            var end = memory.Value <= 0 ? 0 : (int)Math.Clamp(Math.Round(cells * (double)sum.Value / memory.Value), drawn, cells);
            if (end > drawn)
                bar.Append('[').Append(color).Append(']').Append(sign, end - drawn).Append("[/]");
            drawn = end;
        }

        return bar.Append("]]").ToString();
    }
}
