using System.CommandLine;
using System.CommandLine.Completions;

namespace GpuStack.Operator.Commands.Completion;

/// <summary>
/// The words that may stand next in a command line. The library's own answer mixes commands and options and knows no files; here the words
/// before tell which command is meant and whether an option waits for its value, and the values come from the options themselves.
/// </summary>
internal static class WordCompletion
{
    /// <summary>Placeholders of the usage that stand for a path.</summary>
    private static readonly string[] Paths = ["FILE", "FILE_OR_URL", "DIR", "PATH", "MODEL"];

    /// <param name="root">The whole command line.</param>
    /// <param name="words">The words behind the program's name; the last is being typed, and may be empty.</param>
    public static (IReadOnlyList<CandidateWord> Candidates, CompletionRule Rule) Of(Command root, IReadOnlyList<string> words)
    {
        string typed = words.Count == 0 ? "" : words[^1];
        List<Command> path = [root];
        Option? waiting = null;
        HashSet<Option> given = [];
        foreach (string word in words.SkipLast(1))
        {
            if (waiting is not null)
                waiting = null;
            else if (word == "--")
                return ([], CompletionRule.Files);
            else if (word.StartsWith('-'))
            {
                bool withValue = word.Contains('=', StringComparison.Ordinal);
                if (OptionOf(path, withValue ? word[..word.IndexOf('=', StringComparison.Ordinal)] : word) is not { } option)
                    continue;
                given.Add(option);
                waiting = withValue || !TakesValue(option) ? null : option;
            }
            else if (path[^1].Subcommands.FirstOrDefault(command => Names(command).Contains(word, StringComparer.Ordinal)) is { } command)
                path.Add(command);
        }

        // What values depend on stands in the words before. The library takes the last of them for the word being typed, hence an empty one.
        CompletionContext After(string last) => root.Parse([.. words.SkipLast(1), last]).GetCompletionContext();
        if (waiting is not null)
            return Values(waiting, waiting.HelpName, typed, After(""));
        if (typed.StartsWith('-') && typed.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            return OptionOf(path, typed[..equals]) is { } option ? Values(option, option.HelpName, typed[(equals + 1)..], After(option.Name)) : ([], CompletionRule.NoFiles);
        }
        if (typed.StartsWith('-'))
            return (Starting(Options(path, given), typed), CompletionRule.NoFiles);
        if (path[^1].Subcommands.Count > 0)
            return (Starting(path[^1].Subcommands.Where(Shown).Select(command => new CandidateWord(command.Name, command.Description)), typed), CompletionRule.NoFiles);
        if (path[^1].Arguments.FirstOrDefault() is { } argument)
            return Values(argument, argument.HelpName ?? argument.Name, typed, After(""));
        return (typed.Length == 0 ? [.. Options(path, given)] : [], CompletionRule.NoFiles);
    }

    private static (IReadOnlyList<CandidateWord>, CompletionRule) Values(Symbol symbol, string? placeholder, string typed, CompletionContext context)
    {
        bool isPath = Paths.Contains(placeholder, StringComparer.Ordinal)
            || symbol is Option { ValueType: var type } && typeof(FileSystemInfo).IsAssignableFrom(type);
        return isPath
            ? ([], CompletionRule.Files)
            : (Starting(symbol.GetCompletions(context).Select(item => new CandidateWord(item.Label, item.Documentation)), typed), CompletionRule.NoFiles);
    }

    /// <summary>The options of the innermost command, and those of the commands around it that count everywhere, without those that were given.</summary>
    private static IEnumerable<CandidateWord> Options(List<Command> path, HashSet<Option> given) =>
        from command in path.AsEnumerable().Reverse()
        from option in command.Options
        where (command == path[^1] || option.Recursive) && Shown(option)
            && (!given.Contains(option) || option.Arity.MaximumNumberOfValues > 1)
        select new CandidateWord(option.Name, option.Description);

    private static Option? OptionOf(List<Command> path, string name) => (
        from command in path.AsEnumerable().Reverse()
        from option in command.Options
        where (command == path[^1] || option.Recursive) && (option.Name == name || option.Aliases.Contains(name))
        select option).FirstOrDefault();

    private static bool TakesValue(Option option) =>
        option.Arity.MaximumNumberOfValues > 0 && (Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType) != typeof(bool);

    private static IEnumerable<string> Names(Command command) => command.Aliases.Prepend(command.Name);

    private static bool Shown(Symbol symbol) => !symbol.Hidden;

    private static List<CandidateWord> Starting(IEnumerable<CandidateWord> candidates, string typed) =>
        [.. candidates.Where(candidate => candidate.Word.StartsWith(typed, StringComparison.Ordinal))];
}
