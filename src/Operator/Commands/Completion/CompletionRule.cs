namespace GpuStack.Operator.Commands.Completion;

/// <summary>What a shell does besides offering the words; the numbers are those by which Cobra programs, and so kubectl and its plugins, say it.</summary>
internal enum CompletionRule
{
    /// <summary>Names of files where there is no word to offer.</summary>
    Files = 0,

    /// <summary>No names of files.</summary>
    NoFiles = 4,
}
