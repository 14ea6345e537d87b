using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace GpuStack.Operator.Commands.Supervise;

/// <summary>
/// What is put into the engine's command line at the last moment: <c>{rank}</c>, since all pods of a StatefulSet have one template, and
/// <c>{env:NAME}</c>, for engines that take a key as an argument only: it then stands neither in the pod nor in a command line that the
/// cluster shows. With more braces before it, it stands for itself with one less: so texts of users, which may hold anything, reach the
/// engine as they are. Pure.
/// </summary>
internal static partial class CommandPlaceholders
{
    private const string Rank = "rank";

    /// <param name="command">The engine and its arguments.</param>
    /// <param name="rank">Null when it was not told.</param>
    /// <param name="environment">The value of a variable; null when it is not set.</param>
    /// <exception cref="InputException">A value is asked for that is not there.</exception>
    public static ImmutableArray<string> Fill(IEnumerable<string> command, int? rank, Func<string, string?> environment) =>
        // What a variable holds is not looked at again.
        [.. command.Select(argument => Placeholder().Replace(argument, match => Value(match, rank, environment)))];

    /// <summary>A text of which <see cref="Fill"/> makes the text given: nothing in it is a placeholder.</summary>
    public static string Literal(string text) => Placeholder().Replace(text, "{$0");

    private static string Value(Match match, int? rank, Func<string, string?> environment)
    {
        if (match.Groups["more"].Length > 0)
            return match.Value[1..];
        if (match.Groups["what"].Value == Rank)
            return rank is { } number ? $"{number}" : throw new InputException($"COMMAND has {match.Value} and --pod-index is missing; give the pod's index in its StatefulSet.");
        var name = match.Groups["name"].Value;
        return environment(name) ?? throw new InputException($"COMMAND has {match.Value} and the environment has no {name}; set it from a Secret.");
    }

    [GeneratedRegex(
        @"\{(?<more>\{*)(?<what>rank|env:(?<name>[A-Za-z_][A-Za-z0-9_]*))\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
