using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// How the fetching of one file stands, and what follows on a failure. Bytes gained reset the count of failures: a line that breaks every
/// minute brings a file in the end. Wrong content is asked for once more at each endpoint, as the fault may lie in bytes of an earlier
/// run; what is refused is not asked for again there. Pure.
/// </summary>
/// <param name="Endpoint">The endpoint's index.</param>
/// <param name="Failures">Failures there since the last byte gained.</param>
/// <param name="Mismatches">How often the content was wrong there.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetryState(int Endpoint, int Failures, int Mismatches)
{
    /// <summary>What follows on a failure.</summary>
    /// <param name="kind">What failed.</param>
    /// <param name="gained">Whether bytes came since the last failure.</param>
    /// <param name="requested">The pause that the server asks for.</param>
    /// <param name="endpoints">How many endpoints there are.</param>
    /// <param name="rules">Numbers and pauses.</param>
    public RetryStep After(FailureKind kind, bool gained, TimeSpan? requested, int endpoints, RetryRules rules)
    {
        bool last = Endpoint >= endpoints - 1;
        switch (kind)
        {
            case FailureKind.Passing:
                int failures = (gained ? 0 : Failures) + 1;
                return requested > rules.LongestRequested || failures >= (last ? rules.Attempts : rules.MirrorAttempts)
                    ? Next(last)
                    : new RetryStep(RetryAction.Again, this with { Failures = failures }, requested ?? Pause(failures, rules));
            case FailureKind.WrongContent when Mismatches == 0:
                return new RetryStep(RetryAction.Again, this with { Failures = 0, Mismatches = 1 }, TimeSpan.Zero);
            default:
                return Next(last);
        }
    }

    private RetryStep Next(bool last) => last
        ? new RetryStep(RetryAction.GiveUp, this, TimeSpan.Zero)
        : new RetryStep(RetryAction.NextEndpoint, new RetryState(Endpoint + 1, 0, 0), TimeSpan.Zero);

    private static TimeSpan Pause(int failures, RetryRules rules)
    {
        double pause = rules.FirstPause.TotalSeconds * Math.Pow(2, Math.Min(failures, 30) - 1);
        return pause >= rules.LongestPause.TotalSeconds ? rules.LongestPause : TimeSpan.FromSeconds(pause);
    }
}
