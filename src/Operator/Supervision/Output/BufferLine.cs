using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuStack.Operator.Supervision.Output;

/// <summary>
/// What llama-server says of one buffer that it made, in lines such as <c>load_tensors: RPC0[10.0.0.7:50052] model buffer size = 373.71 MiB</c>
/// or <c>sched_reserve: CUDA0 compute buffer size = 36.01 MiB</c>.
/// </summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Device">Whose memory it is, as llama.cpp names it.</param>
/// <param name="MiB">Its size.</param>
internal sealed partial record BufferLine(BufferKind Kind, string Device, double MiB)
{
    private const int MatchTimeout = 1000;

    /// <summary>More cannot be: the figures come from a process that is not trusted.</summary>
    private const double MostMiB = 64.0 * 1024 * 1024;

    /// <summary>Whether it is the host's memory: of the CPU, repacked or mapped, or pinned for a device.</summary>
    public bool IsHost => Device.StartsWith("CPU", StringComparison.Ordinal) || Device.EndsWith("_Host", StringComparison.Ordinal);

    /// <summary>Null when a line speaks of something else.</summary>
    public static BufferLine? Of(string line)
    {
        // Nearly all lines end here.
        if (!line.Contains(" buffer size = ", StringComparison.Ordinal))
            return null;
        return Pattern().Match(line) is { Success: true } match
            && double.TryParse(match.Groups["size"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) && size <= MostMiB
                ? new BufferLine(KindOf(match.Groups["kind"].Value), match.Groups["device"].Value, size)
                : null;
    }

    private static BufferKind KindOf(string word) => word switch
    {
        "model" => BufferKind.Model,
        "compute" => BufferKind.Compute,
        "output" => BufferKind.Output,
        // RS: the state of recurrent layers, which stands in place of a cache.
        _ => BufferKind.Cache,
    };

    [GeneratedRegex(@"^.{0,64}: +(?<device>\S{1,128}) +(?<kind>model|KV|RS|compute|output) buffer size = +(?<size>[0-9.]{1,20}) MiB", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchTimeout)]
    private static partial Regex Pattern();
}
