using System.Collections.Immutable;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// The facts of a multimodal projector (<c>--mmproj</c>): the encoders of images and sound that llama-server loads beside a
/// language model, whole and on one device.
/// </summary>
public sealed record ProjectorModel
{
    /// <summary>The projector's name (<c>general.name</c>), or its file's.</summary>
    public required string Name { get; init; }

    /// <summary>One encoder, or one for images and one for sound.</summary>
    public required ImmutableArray<ProjectorTower> Towers { get; init; }

    /// <summary>All weights, padded as llama.cpp books them.</summary>
    public required Bytes Weight { get; init; }

    /// <summary>The number of parameters.</summary>
    public long ParameterCount { get; init; }

    /// <summary>Whether a header is a projector's: its architecture is <c>clip</c>, or its type <c>mmproj</c>.</summary>
    public static bool IsProjector(GgufHeader header) =>
        header.Metadata.Text("general.architecture") == "clip" || header.Metadata.Text("general.type") == "mmproj";

    /// <summary>The facts of a projector from its file's header.</summary>
    /// <exception cref="GgufFormatException">The header is no projector's, or lacks what llama.cpp needs.</exception>
    public static ProjectorModel FromGguf(GgufHeader header) => new ProjectorFacts(header).Read();
}
