namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>What a projector file teaches a language model to take.</summary>
public enum ProjectorModality
{
    /// <summary>Images, and videos frame by frame.</summary>
    Vision,

    /// <summary>Sound.</summary>
    Audio,
}
