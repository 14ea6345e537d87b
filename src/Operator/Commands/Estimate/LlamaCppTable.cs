using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp.Fits;
using GpuStack.Operator.Reporting;
using Spectre.Console;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>An estimate for llama.cpp as people read it.</summary>
internal static class LlamaCppTable
{
    public static void Write(TextWriter output, LlamaCppReport report)
    {
        IAnsiConsole console = PlanTree.Console(output);
        MemoryEstimate estimate = report.Estimate;
        LlamaCppRequest request = report.Request;
        Line(console, $"[bold]{estimate.Model}[/]  {estimate.Architecture}, {estimate.Layers} layers, {estimate.Parameters / 1e9:0.0} billion parameters");
        Line(console, $"context {request.Options.ContextLength} for {request.Options.ParallelRequests} request(s) at a time, cache {request.Options.KeyType}/{request.Options.ValueType}");
        if (estimate.UpperBound)
        {
            Line(console, $"[yellow]The formulas were not checked on the architecture {Unknown(estimate)}: compute figures are upper bounds.[/]");
        }

        EstimateTable.Devices(console, estimate.Devices);
        Parts(console, estimate);
        EstimateTable.Bars(console, estimate.Devices, request.Memory, request.Usable);
        console.WriteLine("overhead: on devices a margin for the GPU process's context, on the host the buffer of the logits");
        Fits(console, report);
    }

    private static string Unknown(MemoryEstimate estimate) => estimate.Parts.IsEmpty
        ? estimate.Architecture
        : string.Join(", ", estimate.Parts.Where(part => part.UpperBound).Select(part => part.Architecture));

    private static void Parts(IAnsiConsole console, MemoryEstimate estimate)
    {
        foreach (MemoryPart part in estimate.Parts)
        {
            string where = string.Join(", ", part.Devices.Where(device => device.Total > Bytes.Zero).Select(device => $"{EstimateTable.Name(device)} {device.Total}"));
            Line(console, $"{MemoryEstimateJson.Name(part.Kind)} {part.Name} ({part.Architecture}): {where}");
        }

        if (!estimate.Parts.IsEmpty)
        {
            console.WriteLine();
        }
    }

    private static void Fits(IAnsiConsole console, LlamaCppReport report)
    {
        if (report.Fits is not bool fits)
        {
            return;
        }

        console.WriteLine();
        string reserve = report.Request.Reserve.ToString();
        Line(console, fits ? (FormattableString)$"[green]fits[/], with {reserve} of each device in reserve" : $"[red]does not fit[/] with {reserve} of each device in reserve");
        if (report.Layers is { } layers)
        {
            Line(console, $"layers that fit: {layers.Layers} of {report.Estimate.Layers + 1} (--gpu-layers {layers.Layers} --tensor-split {string.Join(',', layers.Split.LayersPerDevice)}), the others on the host");
        }

        Line(console, report.Largest is { } largest
            ? (FormattableString)$"largest context{(report.Request.GpuLayers is null ? "" : " with every layer on a device")}: {largest.Context} per request{(largest.LimitedByModel ? ", the model's own" : "")} (--tensor-split {string.Join(',', largest.Split.LayersPerDevice)})"
            : $"largest context: none with every layer on a device");
        Quantizations(console, report);
    }

    private static void Quantizations(IAnsiConsole console, LlamaCppReport report)
    {
        foreach (FileFit file in report.Files)
        {
            Line(console, $"  {(file.Fits ? "fits    " : "too big ")} {file.Size,10} {file.Path}");
        }

        if (!report.Files.IsEmpty)
        {
            Line(console, $"files: best that fits {report.Files.FirstOrDefault(file => file.Fits)?.Path ?? "none"}, smallest {report.Files.LastOrDefault(file => file.Fits)?.Path ?? "none"} (judged by their sizes)");
        }

        QuantizationFit? best = report.Quantizations.FirstOrDefault(one => one.Fits);
        QuantizationFit? smallest = report.Quantizations.Where(one => one.Fits).MinBy(one => one.Weight.Value);
        Line(console, best is null
            ? (FormattableString)$"quantizations: none fits; the smallest, {report.Quantizations.MinBy(one => one.Weight.Value)?.Type}, has about {report.Quantizations.Min(one => one.Weight)}"
            : $"quantizations: best that fits {best.Type} (about {best.Weight}), smallest {smallest!.Type} (about {smallest.Weight})");
    }

    private static void Line(IAnsiConsole console, FormattableString text) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, text);
}
