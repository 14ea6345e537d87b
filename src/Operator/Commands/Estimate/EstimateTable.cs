using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Operator.Reporting;
using Spectre.Console;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The rows of an estimate for people: one per device, the host last, the sums, and a bar of each device's memory.</summary>
internal static class EstimateTable
{
    /// <summary>A row per device, and one of the sums.</summary>
    public static void Devices(IAnsiConsole console, ImmutableArray<DeviceMemory> devices)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("device", "layers");
        foreach (string name in (string[])["weights", "KV cache", "compute", "overhead", "total"])
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        var sums = new Bytes[5];
        foreach (DeviceMemory device in devices)
        {
            Bytes[] parts = [device.Weight, device.KvCache, device.Compute, device.Overhead, device.Total];
            for (int i = 0; i < parts.Length; i++)
            {
                sums[i] += parts[i];
            }

            Row(table, Name(device), Layers(device), parts);
        }

        Row(table, "all", "", sums);
        console.Write(table);
    }

    /// <summary>A bar per device, of its memory where that is known, else of what the fullest one needs.</summary>
    /// <param name="console">Where it is written.</param>
    /// <param name="devices">The devices; the host has no bar.</param>
    /// <param name="memory">Memory of each device; empty when unknown.</param>
    /// <param name="usable">Memory of each device that may be used.</param>
    public static void Bars(IAnsiConsole console, ImmutableArray<DeviceMemory> devices, ImmutableArray<Bytes> memory, ImmutableArray<Bytes> usable)
    {
        DeviceMemory[] gpus = [.. devices.Where(device => device.Index is not null)];
        if (gpus.Length == 0)
        {
            return;
        }

        Bytes fullest = gpus.Max(device => device.Total);
        for (int i = 0; i < gpus.Length; i++)
        {
            bool known = i < memory.Length;
            string bar = MemoryBar.Of(gpus[i], known ? memory[i] : fullest, known ? usable[i] : fullest);
            string verdict = !known ? $"{gpus[i].Total}"
                : gpus[i].Total <= usable[i] ? $"{gpus[i].Total} of {memory[i]}, {usable[i] - gpus[i].Total} free"
                : $"{gpus[i].Total} of {memory[i]}, {gpus[i].Total - usable[i]} too much";
            console.MarkupLine($"{Markup.Escape(Name(gpus[i])),-7} {bar} {Markup.Escape(verdict)}");
        }

        console.MarkupLine(Markup.Escape(MemoryBar.Legend));
    }

    public static string Name(DeviceMemory device) =>
        device.Index is int index ? string.Create(CultureInfo.InvariantCulture, $"{MemoryEstimateJson.Name(device.Kind)} {index}") : "host";

    private static void Row(Table table, string name, string layers, Bytes[] parts) =>
        table.AddRow([name, layers, .. parts.Select(part => part.ToString())]);

    private static string Layers(DeviceMemory device) =>
        device is { FirstLayer: int first, LastLayer: int last } ? string.Create(CultureInfo.InvariantCulture, $"{first}-{last}") : "none";
}
