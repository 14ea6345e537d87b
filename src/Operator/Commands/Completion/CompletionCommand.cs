using System.CommandLine;

namespace GpuStack.Operator.Commands.Completion;

/// <summary>
/// <c>completion bash|zsh|fish|powershell|kubectl</c>: prints the script that a shell needs. It asks the program for words by
/// <see cref="Request"/>, so that a script once installed knows the options of later versions too.
/// </summary>
internal static class CompletionCommand
{
    /// <summary>The first argument by which scripts ask; the others are the words so far, the last one being typed. No command, for any option may follow.</summary>
    public const string Request = "__complete";

    private static readonly (string Shell, string Description)[] Shells =
    [
        ("bash", "The script for bash: source <(… completion bash)"),
        ("zsh", "The script for zsh: source <(… completion zsh), or a file called _NAME in a folder of fpath"),
        ("fish", "The script for fish: … completion fish | source"),
        ("powershell", "The script for PowerShell: … completion powershell | Out-String | Invoke-Expression"),
        ("kubectl", "The program that kubectl asks: a file called kubectl_complete-gpustack on PATH, executable"),
    ];

    public static Command Create()
    {
        var command = new Command("completion", "Prints what a shell needs to complete the words of a command.");
        foreach (var (shell, description) in Shells)
        {
            var target = new Command(shell, description);
            target.SetAction(result => result.InvocationConfiguration.Output.Write(
                ShellScript.Of(shell, result.RootCommandResult.Command.Name)));
            command.Add(target);
        }
        return command;
    }

    /// <summary>Answers a script: one word a line, with its description behind a tab, and last <c>:N</c>, what the shell is to do with them.</summary>
    public static int Answer(Command root, IReadOnlyList<string> words, TextWriter output)
    {
        var (candidates, rule) = WordCompletion.Of(root, words);
        foreach (var candidate in candidates)
            output.Write($"{candidate}\n");
        output.Write($":{(int)rule}\n");
        return ExitCodes.Success;
    }
}
