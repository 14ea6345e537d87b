using System.Globalization;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;
using GpuStack.Placement.Speed;

namespace GpuStack.Benchmarks.Speed;

/// <summary>A row of llama-bench on two H200, and what the formulas say of its layout.</summary>
internal sealed class SpeedRow(IReadOnlyDictionary<string, string> fields)
{
    private static readonly GpuProduct s_h200 = ProductTable.Default.Find("nvidia", "NVIDIA-H200")!;

    public string Name => fields["setup"] + " " + fields["model"];

    public LlamaCppModel Model { get; } = MeasuredModel.Of(fields["model"]);

    public bool Is32B => fields["model"].Contains("32b", StringComparison.Ordinal);

    public int RpcDevices => (int)Number("rpcDevices");

    /// <summary>The rows of the 8B model over RPC deviate by up to a third.</summary>
    public bool Steady => Is32B || RpcDevices == 0;

    public double Decode => Number("decode64");

    public double Prefill => Number("prefill512");

    public double RoundTrip => Number("roundTripMs");

    public int Layers => Model.BlockCount + 1;

    /// <summary>Milliseconds to read what a token reads once, at the nominal bandwidth.</summary>
    public double Reading => Model.LayerWeights.Sum() / (s_h200.BandwidthGBs * 1e6);

    /// <summary>Milliseconds to compute a batch of a prompt at the nominal throughput.</summary>
    public double Computing =>
        2.0 * SpeedModel.PrefillTokens * (Model.ParameterCount - (2.0 * Model.EmbeddingLength * Model.VocabularySize)) / (s_h200.TensorTflops * 1e9);

    /// <summary>MB of states of a batch of a prompt, in and out of an RPC device.</summary>
    public double StateMegabytes => 2.0 * 4 * Model.EmbeddingLength * SpeedModel.PrefillTokens / 1e6;

    /// <summary>What the product's own model predicts, with loopback's bandwidth.</summary>
    public SpeedPrediction Predict()
    {
        int[] layers = [.. fields["layers"].Split('/').Select(static count => int.Parse(count, CultureInfo.InvariantCulture))];
        var hop = new RpcHop(new NodeNetwork(TimeSpan.FromMilliseconds(RoundTrip), long.MaxValue));
        return new SpeedModel(Model).Predict(layers, [.. layers.Select(static _ => s_h200.Speed)], [.. Enumerable.Repeat(hop, RpcDevices)]);
    }

    /// <summary>All rows of a file.</summary>
    /// <exception cref="IOException">It holds something else.</exception>
    public static IReadOnlyList<SpeedRow> Read(string path)
    {
        string[] lines = [.. File.ReadAllLines(path).Where(static line => line.Length > 0)];
        if (lines.Length < 2)
        {
            throw new IOException($"{path}: holds no rows; a header line and one line per measurement are expected.");
        }

        string[] columns = CsvLine.Fields(lines[0]);
        return
        [
            .. lines.Skip(1).Select(line =>
            {
                string[] values = CsvLine.Fields(line);
                return values.Length == columns.Length
                    ? new SpeedRow(columns.Zip(values).ToDictionary(static pair => pair.First, static pair => pair.Second, StringComparer.Ordinal))
                    : throw new IOException($"{path}: the line '{line}' has {values.Length} fields, where the header names {columns.Length}.");
            }),
        ];
    }

    private double Number(string column) =>
        !fields.TryGetValue(column, out string? text) ? throw new IOException($"{Name}: there is no column {column}.")
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
        : throw new IOException($"{Name}: {column} is '{text}', where a number is expected.");
}
