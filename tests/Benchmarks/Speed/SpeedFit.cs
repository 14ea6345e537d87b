namespace GpuStack.Benchmarks.Speed;

/// <summary>The constants of the formulas of llama.cpp's speed, fitted to rows; times in milliseconds.</summary>
/// <param name="Layer">Fixed time of a layer (a, or b for prompts).</param>
/// <param name="Share">Share of the nominal bandwidth (e), or of the throughput (f).</param>
/// <param name="Hop">Fixed time of an RPC device; for prompts the time per MB of states.</param>
internal sealed record SpeedFit(double Layer, double Share, double Hop)
{
    /// <summary>Decoding: least squares over all rows given, relative errors.</summary>
    public static SpeedFit Decoding(IEnumerable<SpeedRow> rows)
    {
        double[] fitted = LeastSquares.Fit(
        [
            .. rows.Select(static row =>
            {
                // What the round trips took is known; the rest is to be explained.
                double time = (1000 / row.Decode) - (row.RpcDevices * row.RoundTrip);
                return new[] { row.Layers / time, row.Reading / time, row.RpcDevices / time };
            }),
        ]);
        return new(fitted[0], 1 / fitted[1], fitted[2]);
    }

    /// <summary>Prompts: least squares over the rows without RPC; then the median of what the rows over RPC took in addition.</summary>
    public static SpeedFit Prompts(IReadOnlyCollection<SpeedRow> rows)
    {
        double[] fitted = LeastSquares.Fit(
            [.. rows.Where(static row => row.RpcDevices == 0).Select(static row => new[] { row.Layers / BatchTime(row), row.Computing / BatchTime(row) })]);
        var local = new SpeedFit(fitted[0], 1 / fitted[1], 0);
        double[] added =
        [
            .. rows.Where(static row => row.RpcDevices > 0)
                .Select(row => ((BatchTime(row) - local.BatchTimeOf(row)) / row.RpcDevices / row.StateMegabytes)).Order(),
        ];
        return local with { Hop = added[added.Length / 2] };
    }

    public double DecodeOf(SpeedRow row) => 1000 / ((Layer * row.Layers) + (row.Reading / Share) + (row.RpcDevices * (Hop + row.RoundTrip)));

    public double PrefillOf(SpeedRow row) => 1000 * Placement.Speed.SpeedModel.PrefillTokens / BatchTimeOf(row);

    private double BatchTimeOf(SpeedRow row) =>
        (Layer * row.Layers) + (row.Computing / Share) + (row.RpcDevices * ((Hop * row.StateMegabytes) + row.RoundTrip));

    private static double BatchTime(SpeedRow row) => 1000 * Placement.Speed.SpeedModel.PrefillTokens / row.Prefill;
}
