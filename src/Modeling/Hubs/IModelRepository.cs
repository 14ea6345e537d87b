using System.Collections.Immutable;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>A place that holds a model's files: a repository of a hub, an artifact of a registry, an address, a local directory.</summary>
internal interface IModelRepository : IModelFolder
{
    /// <summary>What its files are read from: a commit, a digest, an entity tag; null until that is known, or where there is none.</summary>
    string? Revision { get; }

    /// <summary>Asks with one small request what stands for the present content; null when the place has nothing of the kind.</summary>
    /// <exception cref="ByteRangeException">The place cannot be reached, or refuses.</exception>
    ValueTask<string?> PinAsync(CancellationToken cancellationToken);

    /// <summary>Lists the files at one revision; what is read later is of the same one.</summary>
    /// <exception cref="ByteRangeException">The place cannot be reached, refuses, or cannot be listed.</exception>
    ValueTask<ImmutableArray<RepositoryFile>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Where an engine can fetch a file; null for files that have no address of their own.</summary>
    Uri? AddressOf(string path);
}
