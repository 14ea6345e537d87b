using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Fetching;

/// <summary>The files of one version of one model, as they are to be fetched.</summary>
internal sealed record FetchSet
{
    /// <summary>What a person would call the place, without secrets.</summary>
    public required string Source { get; init; }

    /// <summary>The commit that the files are of; null where the place knows none.</summary>
    public string? Commit { get; init; }

    public required ModelFormat Format { get; init; }

    /// <summary>The files, each path once.</summary>
    public required ImmutableArray<FetchFile> Files { get; init; }

    /// <summary>The path of the file that an engine is given; null when it is given the folder.</summary>
    public string? ModelPath { get; init; }

    /// <summary>The path of the multimodal projector that goes with the model.</summary>
    public string? ProjectorPath { get; init; }

    /// <summary>
    /// Whether files that an earlier run finished can be shown to be of this version. Where neither commit, digest nor tag tells versions
    /// apart they cannot, and are fetched anew.
    /// </summary>
    public bool IsVersioned => Commit is not null || Files.All(file => file.CanResume);

    /// <summary>What stands for the version: the commit, else a digest of all that is known of the files.</summary>
    public string Version()
    {
        if (Commit is not null)
        {
            return Commit;
        }

        if (!IsVersioned)
        {
            return "unversioned";
        }

        var text = new StringBuilder();
        foreach (FetchFile file in Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Path}\n{file.Size}\n{file.Sha256 ?? file.GitBlob ?? file.EntityTag}\n");
        }

        return $"files-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 10))}";
    }
}
