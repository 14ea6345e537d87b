namespace GpuStack.Modeling.Fetching;

/// <summary>How a file failed to come.</summary>
internal enum FailureKind
{
    /// <summary>Broken connection, silence, 429, 5xx.</summary>
    Passing,

    /// <summary>The endpoint says no, or serves another file.</summary>
    Refused,

    /// <summary>All bytes came, and their digest is another one.</summary>
    WrongContent,
}
