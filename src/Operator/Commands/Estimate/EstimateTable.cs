using System.Globalization;
using GpuStack.Modeling;
using Spectre.Console;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>An estimate for people: one row per device, the host last, and the sums.</summary>
internal static class EstimateTable
{
    public static void Write(TextWriter output, MemoryEstimate estimate, EstimateRequest request)
    {
        bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"[bold]{estimate.Model}[/]  {estimate.Architecture}, {estimate.Layers} layers, {estimate.Parameters / 1e9:0.0} billion parameters");
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"context {request.Options.ContextLength} for {request.Options.ParallelRequests} request(s) at a time, cache {request.Options.KeyType}/{request.Options.ValueType}");
        if (estimate.UpperBound)
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                $"[yellow]The formulas were not checked on the architecture {estimate.Architecture}: compute figures are upper bounds.[/]");
        }

        Table table = new Table().Border(TableBorder.Simple).AddColumns("device", "layers");
        foreach (string name in (string[])["weights", "KV cache", "compute", "overhead", "total"])
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        Bytes compute = default, overhead = default;
        foreach (DeviceMemory device in estimate.Devices)
        {
            compute += device.Compute;
            overhead += device.Overhead;
            Row(table, Name(device), Layers(device), device.Weight, device.KvCache, device.Compute, device.Overhead, device.Total);
        }

        Row(table, "all", "", estimate.Weight, estimate.KvCache, compute, overhead, estimate.Total);
        console.Write(table);
    }

    private static void Row(Table table, string name, string layers, params ReadOnlySpan<Bytes> parts)
    {
        var cells = new string[parts.Length + 2];
        (cells[0], cells[1]) = (name, layers);
        for (int i = 0; i < parts.Length; i++)
        {
            cells[i + 2] = parts[i].ToString();
        }

        table.AddRow(cells);
    }

    private static string Name(DeviceMemory device) =>
        device.Index is int index ? string.Create(CultureInfo.InvariantCulture, $"{MemoryEstimateJson.Name(device.Kind)} {index}") : "host";

    private static string Layers(DeviceMemory device) =>
        device is { FirstLayer: int first, LastLayer: int last } ? string.Create(CultureInfo.InvariantCulture, $"{first}-{last}") : "none";
}
