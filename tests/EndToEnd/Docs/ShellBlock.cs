namespace GpuStack.EndToEnd.Docs;

/// <summary>A block of shell commands in a guide.</summary>
/// <param name="File">The guide.</param>
/// <param name="Line">The line of its fence.</param>
/// <param name="Commands">What it says.</param>
/// <param name="NotRun">Why the tests do not run it, as the comment <c>&lt;!-- not run: … --&gt;</c> on the line before says; null: they do.</param>
internal sealed record ShellBlock(string File, int Line, string Commands, string? NotRun)
{
    /// <summary>Whether it shows a refusal: the last command ends with exit code 1, as the comment <c>&lt;!-- ends with exit code 1 --&gt;</c> says.</summary>
    public bool Fails { get; init; }

    /// <summary>For bash with <c>-e</c>.</summary>
    public string Script => Fails
        ? $"code=0; set +e; ( set -e; {Commands} ); code=$?; set -e; [ $code = 1 ]\n"
        : Commands;
}
