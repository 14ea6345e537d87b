using System.Runtime.InteropServices;
using System.Text.Json;
using GpuStack.Benchmarks;
using GpuStack.Benchmarks.Accuracy;
using GpuStack.Benchmarks.Apply;
using GpuStack.Benchmarks.Clusters;
using GpuStack.Benchmarks.DryRuns;
using GpuStack.Benchmarks.Engines;
using GpuStack.Benchmarks.Ingest;
using GpuStack.Benchmarks.Ingest.Informers;
using GpuStack.Benchmarks.Plan;
using GpuStack.Benchmarks.Recovery;
using GpuStack.Benchmarks.Scale;
using GpuStack.Benchmarks.Soak;
using GpuStack.Benchmarks.Speed;
using Spectre.Console;

if (args is [SoakServer.Command, ..])
{
    return await SoakServer.RunAsync(args.AsMemory(1));
}

if (args is [ClusterServer.Command, ..])
{
    return await ClusterServer.RunAsync(args.AsMemory(1));
}

// NAME [--option value …] [--output json]: figures as a table for people, or as one JSON object.
IBenchmark[] benchmarks =
[
    new AccuracyBenchmark(), new GoldenBenchmark(), new IngestBenchmark(), new EnginesBenchmark(), new PlanBenchmark(), new SpeedBenchmark(),
    new SoakBenchmark(), new ApplyBenchmark(), new ScaleBenchmark(), new RecoveryBenchmark(),
];
if (args is ["ingest-server", ..])
{
    await IngestServer.RunAsync(new BenchmarkArguments(args.AsSpan(1)));
    return 0;
}

IBenchmark? benchmark = args.Length == 0 ? null : Array.Find(benchmarks, candidate => candidate.Name == args[0]);
if (benchmark is null)
{
    await Console.Error.WriteLineAsync("Name a benchmark: NAME [--option value …] [--output json].");
    foreach (IBenchmark candidate in benchmarks)
    {
        await Console.Error.WriteLineAsync($"  {candidate.Name,-10} {candidate.Usage}");
    }

    return 2;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, interrupt) =>
{
    interrupt.Cancel = true;
    cancellation.Cancel();
};

try
{
    var arguments = new BenchmarkArguments(args.AsSpan(1));
    bool json = arguments.Optional("output") == "json";
    IReadOnlyDictionary<string, double> figures =
        await benchmark.RunAsync(arguments, json ? TextWriter.Null : Console.Out, cancellation.Token);
    if (json)
    {
        WriteJson(benchmark.Name, figures);
    }
    else
    {
        WriteTable(figures);
    }

    return figures.GetValueOrDefault(BenchmarkFigures.Failed) > 0 ? 1 : 0;
}
catch (Exception exception) when (exception is ArgumentException or IOException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Cancelled.");
    return 1;
}

static void WriteJson(string name, IReadOnlyDictionary<string, double> figures)
{
    using Stream output = Console.OpenStandardOutput();
    using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
    writer.WriteStartObject();
    writer.WriteString("name", name);
    writer.WriteStartObject("figures");
    foreach ((string key, double value) in figures)
    {
        writer.WriteNumber(key, value);
    }

    writer.WriteEndObject();
    writer.WriteStartObject("environment");
    writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
    writer.WriteString("os", RuntimeInformation.OSDescription);
    writer.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString());
    writer.WriteNumber("processors", Environment.ProcessorCount);
    writer.WriteEndObject();
    writer.WriteEndObject();
}

static void WriteTable(IReadOnlyDictionary<string, double> figures)
{
    Table table = new Table().Border(TableBorder.Simple).AddColumn("figure").AddColumn(new TableColumn("value").RightAligned());
    foreach ((string key, double value) in figures)
    {
        table.AddRow(Markup.Escape(key), value.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture));
    }

    AnsiConsole.Write(table);
}
