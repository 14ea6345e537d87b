namespace GpuStack.RealEngines.Programs;

/// <summary>What a program makes of its arguments.</summary>
/// <param name="Accepted">It went on to its work: a server without a model to load, a worker to listening.</param>
/// <param name="Output">What it wrote.</param>
internal sealed record ParserVerdict(bool Accepted, string Output);
