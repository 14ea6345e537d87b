using System.Collections.Immutable;

namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>What befalls every engine of a pod from now on.</summary>
/// <param name="Hangs">With its weights loaded it goes on for ever without becoming ready; otherwise it ends once they are loaded.</param>
/// <param name="Line">Its last words.</param>
/// <param name="Unless">Variables with which it works.</param>
internal sealed record EngineFault(bool Hangs, string Line, ImmutableDictionary<string, string> Unless)
{
    public bool Strikes(EngineSpec spec) =>
        Unless.IsEmpty || Unless.Any(variable => spec.Environment.GetValueOrDefault(variable.Key) != variable.Value);
}
