namespace GpuStack.Modeling.Sources;

/// <summary>A source of bytes cannot be read. The message is one sentence for people: what, why, and what to do.</summary>
public sealed class ByteRangeException : Exception
{
    public ByteRangeException(string message)
        : base(message)
    {
    }

    public ByteRangeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>True when trying again later may help (time-outs, 429 and 5xx answers, broken connections).</summary>
    public bool IsTransient { get; init; }

    /// <summary>The answer's HTTP status, where there was an answer.</summary>
    public System.Net.HttpStatusCode? Status { get; init; }

    /// <summary>How long the server asks to wait before it is asked again, where it says so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A hub's own name for the refusal (X-Error-Code), where it gives one.</summary>
    internal string? Code { get; init; }

    /// <summary>Whether the file, and nothing else, is not there.</summary>
    internal bool IsMissingFile => Status is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Gone && Code is null or "EntryNotFound";
}
