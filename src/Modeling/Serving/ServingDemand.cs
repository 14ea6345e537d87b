namespace GpuStack.Modeling.Serving;

/// <summary>What is asked of a served model.</summary>
/// <param name="ContextLength">Tokens of one request, prompt and answer together; fewer than 2^31.</param>
/// <param name="Requests">Requests of that length at a time.</param>
public sealed record ServingDemand(Tokens ContextLength, int Requests = 1)
{
    /// <summary>Refuses what no engine can be asked for.</summary>
    /// <exception cref="ArgumentException">The context is not between 1 and 2^31 − 1, or there is no request.</exception>
    internal void Check()
    {
        if (ContextLength.Value is < 1 or > int.MaxValue || Requests < 1)
        {
            throw new ArgumentException(
                $"The context length must be between 1 and {int.MaxValue} tokens, and there must be at least 1 request, not {ContextLength} tokens and {Requests} requests.");
        }
    }
}
