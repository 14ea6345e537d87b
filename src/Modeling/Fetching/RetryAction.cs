namespace GpuStack.Modeling.Fetching;

/// <summary>What is done after a failure.</summary>
internal enum RetryAction
{
    /// <summary>The same endpoint is asked again.</summary>
    Again,

    /// <summary>The next endpoint is asked; the bytes that are there stay.</summary>
    NextEndpoint,

    /// <summary>The failure is the answer.</summary>
    GiveUp,
}
