using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Golden.Shapes;

namespace GpuStack.Benchmarks.DryRuns;

/// <summary>
/// Asks the real llama-server what models of given shapes take, and writes its answers in the format that the accuracy benchmark
/// and the tests read. The models' files hold a header of the true tensors and no data.
/// </summary>
internal sealed class GoldenBenchmark : IBenchmark
{
    private const string Columns =
        "row,model,arch,file_mib,n_layer,n_ctx,n_parallel,kv_unified,ctk,ctv,flash_attn,n_ubatch,n_devices,ngl,tensor_split,swa_full,"
        + "sched_copies,n_outputs_max,kv_cells,kv_layers,kv_mib,rs_mib,output_mib,device,layers,model_mib,context_mib,compute_mib,compute_exact_mib";

    public string Name => "golden";

    public string Usage =>
        "llama-server's own reports: --llama DIR --shapes DIR --configurations FILE.csv --out FILE.csv [--only NAME,…] [--set few|many] [--models OUTDIR]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(
        BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        string folder = arguments.Required("llama");
        string? only = arguments.Optional("only");
        bool many = arguments.Optional("set") != "few";
        ImmutableArray<DryRun> runs = [.. DryRun.ReadAll(arguments.Required("configurations")).Where(run => many || run.Few)];
        string[] shapes = [.. Directory.GetFiles(arguments.Required("shapes"), "*.json").Order(StringComparer.Ordinal)
            .Where(path => only is null || only.Split(',').Contains(Path.GetFileNameWithoutExtension(path)))];
        if (shapes.Length == 0 || runs.IsEmpty)
        {
            throw new ArgumentException("There is nothing to ask: no shape file, or no configuration, is left of what --shapes, --only and --set say.");
        }

        await using var output = new StreamWriter(arguments.Required("out"));
        await output.WriteLineAsync(Columns);
        int row = 0, failures = 0;
        await using LlamaPrograms programs = await LlamaPrograms.StartAsync(folder, runs.Max(run => run.Split.Length), cancellationToken);
        foreach (string path in shapes)
        {
            ModelShape shape = Read(path);
            long size = WriteModel(shape, folder, arguments.Optional("models"));
            foreach (DryRun run in runs.Where(run => run.Suits(shape)))
            {
                int layers = run.LayersOf(shape);
                DryRunReport report = await programs.AskAsync(shape.Name, run, layers, cancellationToken);
                if (!report.Complete)
                {
                    failures++;
                    await details.WriteLineAsync($"{shape.Name}: llama-server reports nothing for {string.Join(' ', run.Arguments(layers))}: {report.Failure}");
                    continue;
                }

                row++;
                await WriteAsync(output, row, shape, size, run, layers, report);
            }

            await output.FlushAsync(cancellationToken);
            await details.WriteLineAsync($"{shape.Name}: {row} rows so far");
        }

        return new Dictionary<string, double>(StringComparer.Ordinal) { ["models"] = shapes.Length, ["rows"] = row, ["failures"] = failures };
    }

    private static ModelShape Read(string path)
    {
        try
        {
            return ModelShape.Read(path);
        }
        catch (FormatException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static long WriteModel(ModelShape shape, string folder, string? copies)
    {
        (byte[] header, long size) = ShapeHeader.Make(shape, vocabulary: true);
        foreach (string? directory in (string?[])[Path.Combine(folder, LlamaPrograms.ModelFolder), copies])
        {
            if (directory is not null)
            {
                Directory.CreateDirectory(directory);
                using FileStream file = File.Create(Path.Combine(directory, shape.Name + ".gguf"));
                file.Write(header);
                file.SetLength(size);
            }
        }

        return size;
    }

    private static async Task WriteAsync(StreamWriter output, int row, ModelShape shape, long size, DryRun run, int layers, DryRunReport report)
    {
        (string architecture, string blocks) = report.Model;
        string split = string.Join(',', run.Split);
        string start = string.Create(CultureInfo.InvariantCulture,
            $"{row},{shape.Name},{architecture},{size / 1048576.0:0.00},{blocks},{run.Context},{run.Parallel},{Text(run.Unified)},{run.KeyType},{run.ValueType},"
            + $"{(run.FlashAttention ? "on" : "off")},{run.MicroBatch},{run.Split.Length},{layers},{(run.Split.Length > 1 ? $"\"{split}\"" : split)},{Text(run.FullSlidingWindow)}");
        foreach (string device in report.DeviceColumns())
        {
            await output.WriteLineAsync($"{start},{device}");
        }
    }

    private static string Text(bool value) => value ? "true" : "false";
}
