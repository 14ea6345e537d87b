using System.Text.RegularExpressions;

namespace GpuStack.Operator.Supervision.Output;

/// <summary>What lines of vLLM, SGLang, PyTorch and NCCL mean; the lines that this rests on are in the tests, with their sources. Pure.</summary>
internal static partial class EngineWords
{
    private const int MatchTimeout = 1000;

    /// <summary>A failure of NCCL, told by NCCL itself, by PyTorch's process group, or by the engine.</summary>
    public static bool IsNcclFailure(string line)
    {
        // Nearly all lines end here.
        if (!line.Contains("nccl", StringComparison.OrdinalIgnoreCase) && !line.Contains("collective", StringComparison.OrdinalIgnoreCase))
            return false;
        return Failure().IsMatch(line) || (Warning().IsMatch(line) && !Harmless().IsMatch(line));
    }

    /// <summary>A process of the engine has its weights. Each rank says so for itself.</summary>
    public static bool IsWeightsLoaded(string line) =>
        line.Contains("Loading weights took", StringComparison.Ordinal)
        || line.Contains("Model loading took", StringComparison.Ordinal)
        || line.Contains("Loading model weights took", StringComparison.Ordinal)
        || line.Contains("Load weight end", StringComparison.Ordinal);

    /// <summary>Said again and again while nothing happens, or an answer to the supervisor's own questions: no sign of life.</summary>
    public static bool IsIdleTalk(string line) =>
        line.Contains("No available shared memory broadcast block found", StringComparison.Ordinal)
        || (line.Contains("Waiting for", StringComparison.Ordinal) && line.Contains("core engine proc", StringComparison.Ordinal))
        || line.Contains("\"GET /health", StringComparison.Ordinal)
        || line.Contains("\"GET /metrics", StringComparison.Ordinal);

    [GeneratedRegex(
        """
        \bNCCL\ error\b
        | \bnccl(UnhandledCuda|System|Internal|Remote)Error\b | \bncclInvalid(Usage|Argument)\b
        | Watchdog\ caught\ collective\ operation\ timeout
        | NCCL\ operations\ have\ failed\ or\ timed\ out
        | NCCL\ communicator\ was\ aborted
        | setting\ up\ NCCL\ communicator\ and\ retrieving\ ncclUniqueId
        | ProcessGroupNCCL.*(Heartbeat\ monitor\ timed\ out|collective\ timeout)
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        MatchTimeout)]
    private static partial Regex Failure();

    /// <summary>NCCL also warns of what it does without.</summary>
    [GeneratedRegex(
        @"NCCL WARN .*(fail|error|closed by remote|got completion from peer|returned [0-9]+\(|time(d )?out|unreachable)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        MatchTimeout)]
    private static partial Regex Warning();

    [GeneratedRegex(@"libibverbs|libnccl-net|NET/Plugin|TUNER/Plugin|libmlx5|libnvidia-ml|gdrcopy", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MatchTimeout)]
    private static partial Regex Harmless();
}
