namespace GpuStack.Modeling.Fetching;

/// <summary>A model could not be fetched although the call is right. The message is one sentence for people: what, why, and what to do.</summary>
public sealed class FetchException : Exception
{
    public FetchException(string message)
        : base(message)
    {
    }

    public FetchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
