using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace GpuStack.Operator.Commands.Supervise;

/// <summary>
/// What is put into the engine's command line at the last moment: <c>{rank}</c>, since all pods of a StatefulSet have one template, and
/// <c>{env:NAME}</c>, for engines that take a key as an argument only: it then stands neither in the pod nor in a command line that the
/// cluster shows. Pure.
/// </summary>
internal static partial class CommandPlaceholders
{
    private const string Rank = "{rank}";

    /// <param name="command">The engine and its arguments.</param>
    /// <param name="rank">Null when it was not told.</param>
    /// <param name="environment">The value of a variable; null when it is not set.</param>
    /// <exception cref="InputException">A value is asked for that is not there.</exception>
    public static ImmutableArray<string> Fill(IEnumerable<string> command, int? rank, Func<string, string?> environment) =>
        [.. command.Select(argument => Fill(argument, rank, environment))];

    private static string Fill(string argument, int? rank, Func<string, string?> environment)
    {
        if (argument.Contains(Rank, StringComparison.Ordinal))
        {
            var number = rank ?? throw new InputException($"COMMAND has {Rank} and --pod-index is missing; give the pod's index in its StatefulSet.");
            argument = argument.Replace(Rank, $"{number}", StringComparison.Ordinal);
        }
        // What a variable holds is not looked at again.
        return Variable().Replace(argument, match => environment(match.Groups["name"].Value)
            ?? throw new InputException($"COMMAND has {match.Value} and the environment has no {match.Groups["name"].Value}; set it from a Secret."));
    }

    [GeneratedRegex(@"\{env:(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();
}
