using System.Globalization;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Tests.Speed;

/// <summary>A row of llama-bench on two H200 (<c>cases/h200-llama-decode.csv</c>), over loopback with added delay.</summary>
internal sealed class MeasuredRow(IReadOnlyDictionary<string, string> fields)
{
    public static IEnumerable<MeasuredRow> All => CaseFiles.Rows("h200-llama-decode.csv").Select(fields => new MeasuredRow(fields));

    public string Name => fields["setup"] + " " + fields["model"];

    public bool Is32B => fields["model"].Contains("32b", StringComparison.Ordinal);

    public LlamaCppModel Model => Is32B ? SyntheticModels.Qwen32B : SyntheticModels.Llama8B;

    public int[] Layers => [.. fields["layers"].Split('/').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

    public int RpcDevices => int.Parse(fields["rpcDevices"], CultureInfo.InvariantCulture);

    public double Decode => Number("decode64");

    public double Prefill => Number("prefill512");

    /// <summary>Loopback: the wire costs nothing.</summary>
    public RpcHop[] Hops =>
        [.. Enumerable.Repeat(new RpcHop(new NodeNetwork(TimeSpan.FromMilliseconds(Number("roundTripMs")), long.MaxValue)), RpcDevices)];

    private double Number(string column) => double.Parse(fields[column], CultureInfo.InvariantCulture);
}
