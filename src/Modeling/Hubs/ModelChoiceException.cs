using System.Collections.Immutable;

namespace GpuStack.Modeling.Hubs;

/// <summary>A repository does not hold the model that was asked for, or holds several. The message is one sentence that lists the choices.</summary>
public sealed class ModelChoiceException : Exception
{
    public ModelChoiceException(string message, ImmutableArray<string> choices)
        : base(message) => Choices = choices;

    /// <summary>The files that may be named instead.</summary>
    public ImmutableArray<string> Choices { get; }
}
