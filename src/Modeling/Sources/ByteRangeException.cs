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
}
