using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// A repository of ModelScope: <c>/api/v1/models/{repo}/repo/files?Revision=…&amp;Recursive=true</c> lists it in one answer and tells the
/// commit in short form, <c>/models/{repo}/resolve/{revision}/{file}</c> serves the files.
/// </summary>
internal sealed class ModelScopeRepository(HttpSession session, Uri endpoint, ModelLocation location, string? token) : HubRepository(
    session, endpoint, location, new ModelScopeAccess(token, HubAddress.Below(endpoint, $"models/{location.Repository}")))
{
    private const int LargestListing = 16 << 20;

    protected override async ValueTask<string?> ResolveAsync(CancellationToken cancellationToken)
    {
        HubListing listing = await ReadListingAsync(cancellationToken).ConfigureAwait(false);
        return listing.Commit ?? Digest(listing.Files);
    }

    protected override async ValueTask<HubListing> ReadListingAsync(CancellationToken cancellationToken)
    {
        Uri address = Api($"api/v1/models/{HubAddress.Path(Repository)}/repo/files?Revision={Uri.EscapeDataString(PinnedRevision)}&Recursive=true");
        HttpDocument answer = await HttpDocument.ReadAsync(Session, address, Access, LargestListing, null, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = HubJson.Parse(Name, answer.Body);
        JsonElement root = json.RootElement;
        JsonElement? data = HubJson.Member(root, "Data");
        if (HubJson.Size(root, "Code") is { } code and not 200)
        {
            throw new ByteRangeException($"{Name}: the hub refuses to list the repository (code {code}); check its name, and set MODELSCOPE_API_TOKEN or the model's secret if it is private.")
            {
                Status = HttpStatusCode.NotFound,
                Code = "RepoNotFound",
            };
        }

        // An unknown revision is no error to the hub: it has no files.
        if (data is not { } found || HubJson.Member(found, "Files") is not { } list || list.ValueKind == JsonValueKind.Null)
        {
            throw new ByteRangeException($"{Name}: the repository has no such revision; check the branch, tag or commit.")
            {
                Status = HttpStatusCode.NotFound,
                Code = "RevisionNotFound",
            };
        }

        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > MostFiles)
        {
            throw new ByteRangeException($"{Name}: the repository lists more than {MostFiles} files; name the file.");
        }

        JsonElement[] entries = [.. HubJson.Items(Name, list)];
        ImmutableArray<RepositoryFile> files =
        [
            .. entries
                .Where(entry => HubJson.Text(entry, "Type") != "tree" && HubJson.Text(entry, "Path") is not null)
                .Select(entry => new RepositoryFile(HubJson.Text(entry, "Path")!, HubJson.Size(entry, "Size"))
                {
                    Digest = HubJson.Text(entry, "Sha256"),
                    Sha256 = HubJson.Digest(entry, "Sha256", 64),
                })
                .Where(IsListed),
        ];
        return new HubListing(Commit(found, entries), files);
    }

    /// <summary>The head's full commit stands only on the files that it changed; without one the revision stays as it was asked for.</summary>
    private static string? Commit(JsonElement data, JsonElement[] entries)
    {
        JsonElement? head = HubJson.Member(data, "LatestCommitter");
        if (head is { } committer && HubJson.Text(committer, "Id") is { Length: 40 } id && ModelLocation.IsHexadecimal(id))
        {
            return id;
        }

        return head is { } known && HubJson.Text(known, "ShortId") is { Length: >= 7 } shortId
            ? entries
                .Select(entry => HubJson.Text(entry, "Revision"))
                .FirstOrDefault(commit => commit is { Length: 40 } && ModelLocation.IsHexadecimal(commit) && commit.StartsWith(shortId, StringComparison.OrdinalIgnoreCase))
            : null;
    }

    private static string Digest(ImmutableArray<RepositoryFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (RepositoryFile file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Path}\n{file.Size}\n{file.Digest}\n")));
        }

        return $"files:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
