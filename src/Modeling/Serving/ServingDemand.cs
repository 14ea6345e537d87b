namespace GpuStack.Modeling.Serving;

/// <summary>What is asked of a served model.</summary>
/// <param name="ContextLength">Tokens of one request, prompt and answer together.</param>
/// <param name="Requests">Requests of that length at a time.</param>
public sealed record ServingDemand(Tokens ContextLength, int Requests = 1);
