using System.Text.Json;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Reporting;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;
using Spectre.Console;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>Writes what happens, line by line, for people; with JSON nothing but the object at the end.</summary>
internal sealed class DemoReport(TextWriter output, bool json)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly IAnsiConsole _console = PlanTree.Console(output);

    public void Fleet(DemoInput input)
    {
        if (json)
            return;
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape($"Fleet {input.FleetName}: {input.Nodes.Count} nodes")) };
        foreach (var column in (string[])["nodes", "GPUs each", "product", "memory per GPU", "CPU", "memory"])
            table.AddColumn(column);
        var fleet = FleetBuilder.Build(FleetFacts.Nodes(input.Nodes, input.Slices), [], ProductTable.Default);
        var equal = input.Nodes.Select(n => (Node: n, Facts: fleet.Find(n.Metadata.Name ?? "")))
            .GroupBy(n => (n.Facts?.AllocatableGpus, n.Facts?.Product, n.Facts?.MemoryPerGpu, Cpu: Amount(n.Node, "cpu"), Ram: Amount(n.Node, "memory")));
        foreach (var same in equal)
        {
            var names = same.Select(n => n.Node.Metadata.Name).ToArray();
            table.AddRow(
                Markup.Escape(names.Length == 1 ? names[0]! : $"{names[0]} .. {names[^1]} ({names.Length})"),
                (same.Key.AllocatableGpus ?? 0).ToString(),
                Markup.Escape(same.Key.Product is { Length: > 0 } product ? product : "-"),
                Markup.Escape(same.Key.AllocatableGpus > 0 ? same.Key.MemoryPerGpu.ToString()! : "-"),
                Markup.Escape(same.Key.Cpu),
                Markup.Escape(same.Key.Ram));
        }
        _console.Write(table);
    }

    public void Started(Uri apiServer, Uri hub) =>
        Line($"Simulated Kubernetes API at {apiServer.GetLeftPart(UriPartial.Authority)}, model hub at {hub.GetLeftPart(UriPartial.Authority)}");

    public void Note(TimeSpan at, string what) => Line($"{Time(at)}  {what}");

    public void Created(CreatedObject created) => Line($"{Time(created.Created)}  created {created.Kind} {created.Name}");

    public void Finish(DemoOutcome outcome)
    {
        if (json)
        {
            output.WriteLine(outcome.ToJson(outcome.Plan is { } known ? PlanJson.Of(known) : null).ToJsonString(Indented));
            return;
        }
        Line("");
        if (outcome.Plan is { } plan)
            PlanTree.Write(_console, outcome.Name, plan);
        else
            Line("The plan is not known: the model cannot be read.");
        Conditions(outcome);
        foreach (var request in outcome.Unsupported.Distinct(StringComparer.Ordinal))
            Line($"not simulated: {request}");
        Line(outcome.Ready
            ? $"{outcome.Name} is Ready after {outcome.Elapsed.TotalSeconds:0.0} s."
            : $"{outcome.Name} is not Ready after {outcome.Elapsed.TotalSeconds:0.0} s: {outcome.Problem}");
    }

    private void Conditions(DemoOutcome outcome)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in (string[])["condition", "status", "reason", "message"])
            table.AddColumn(column);
        foreach (var condition in outcome.Conditions)
            table.AddRow(new[] { condition.Type, condition.Status, condition.Reason, condition.Message }.Select(t => Markup.Escape(t ?? "")).ToArray());
        _console.Write(table);
    }

    private void Line(string text)
    {
        if (json)
            return;
        lock (_gate)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    private static string Time(TimeSpan at) => $"{at.TotalSeconds,7:0.000} s";

    private static string Amount(V1Node node, string resource) =>
        node.Status?.Allocatable?.TryGetValue(resource, out var amount) == true ? amount.ToString() : "-";
}
