using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Golden.Shapes;

namespace GpuStack.Benchmarks.DryRuns;

/// <summary>One configuration to ask llama-server about, for every model.</summary>
internal sealed record DryRun
{
    /// <summary>Which set it belongs to: one of the few that every model gets, or of the many.</summary>
    public required bool Few { get; init; }

    public required int Context { get; init; }

    public required int Parallel { get; init; }

    public required bool Unified { get; init; }

    public required string KeyType { get; init; }

    public required string ValueType { get; init; }

    public required bool FlashAttention { get; init; }

    public required int MicroBatch { get; init; }

    /// <summary>Layers on devices: an expression over the model's number of blocks L.</summary>
    public required string GpuLayers { get; init; }

    /// <summary>The share of each device.</summary>
    public required ImmutableArray<string> Split { get; init; }

    /// <summary>Whether layers with a sliding window keep all tokens; only asked of models that have such layers.</summary>
    public required bool FullSlidingWindow { get; init; }

    /// <summary>Reads a file of configurations: a header line, and one configuration a line.</summary>
    public static ImmutableArray<DryRun> ReadAll(string path)
    {
        string[] lines = File.ReadAllLines(path);
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line => Parse(path, line))];
    }

    public int LayersOf(ModelShape shape) => (int)ShapeExpression.Evaluate(GpuLayers, name => shape.Sizes[name]);

    /// <summary>llama-server's arguments but for the model and the addresses.</summary>
    public IEnumerable<string> Arguments(int gpuLayers) =>
    [
        "-c", Text(Context), "-np", Text(Parallel), "-ctk", KeyType, "-ctv", ValueType, "-fa", FlashAttention ? "on" : "off",
        "-ub", Text(MicroBatch), "-b", "2048", "-ngl", Text(gpuLayers), "-ts", string.Join(',', Split),
        .. Unified ? (ReadOnlySpan<string>)["-kvu"] : [],
        .. FullSlidingWindow ? (ReadOnlySpan<string>)["--swa-full"] : [],
    ];

    public bool Suits(ModelShape shape) => !FullSlidingWindow || shape.Metadata.ContainsKey("attention.sliding_window");

    private static DryRun Parse(string path, string line)
    {
        string[] fields = line.Split(',');
        if (fields.Length != 11)
        {
            throw new IOException($"{path}: '{line}' has {fields.Length} fields, where 11 are expected.");
        }

        return new DryRun
        {
            Few = fields[0] == "few",
            Context = Integer(fields[1]),
            Parallel = Integer(fields[2]),
            Unified = fields[3] == "true",
            KeyType = fields[4],
            ValueType = fields[5],
            FlashAttention = fields[6] == "on",
            MicroBatch = Integer(fields[7]),
            GpuLayers = fields[8],
            Split = [.. fields[9].Split('/')],
            FullSlidingWindow = fields[10] == "true",
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
