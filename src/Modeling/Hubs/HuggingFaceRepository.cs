using System.Collections.Immutable;
using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// A repository of Hugging Face, or of a mirror that answers as it does: <c>/api/models/{repo}/revision/{revision}</c> names the commit,
/// <c>/api/models/{repo}/tree/{commit}?recursive=true</c> lists the files in pages, <c>/{repo}/resolve/{commit}/{file}</c> serves them.
/// </summary>
internal sealed class HuggingFaceRepository(HttpSession session, Uri endpoint, ModelLocation location, string? token) : HubRepository(
    session, endpoint, location, new HubAccess(token, HubAddress.Below(endpoint, location.Repository!), "HF_TOKEN"))
{
    /// <summary>A page holds 1,000 entries of some hundred bytes.</summary>
    private const int LargestPage = 4 << 20;

    private const int MostPages = 64;

    private readonly Uri _endpoint = endpoint;

    protected override async ValueTask<string?> ResolveAsync(CancellationToken cancellationToken)
    {
        Uri address = Api($"api/models/{HubAddress.Path(Repository)}/revision/{Uri.EscapeDataString(PinnedRevision)}?expand=sha");
        HttpDocument answer = await HttpDocument.ReadAsync(Session, address, Access, LargestPage, null, cancellationToken).ConfigureAwait(false);
        using JsonDocument json = HubJson.Parse(Name, answer.Body);
        return HubJson.Text(json.RootElement, "sha") is { Length: 40 } commit && ModelLocation.IsHexadecimal(commit)
            ? commit
            : throw new ByteRangeException($"{Name}: the hub names no commit for this revision; check the hub's address.");
    }

    protected override async ValueTask<HubListing> ReadListingAsync(CancellationToken cancellationToken)
    {
        string? commit = await ResolveAsync(cancellationToken).ConfigureAwait(false);
        var files = ImmutableArray.CreateBuilder<RepositoryFile>();
        Uri? page = Api($"api/models/{HubAddress.Path(Repository)}/tree/{commit}?recursive=true");
        for (int pages = 0; page is not null; pages++)
        {
            if (pages == MostPages || files.Count > MostFiles)
            {
                throw new ByteRangeException($"{Name}: the repository lists more than {files.Count} files; name the file.");
            }

            HttpDocument answer = await HttpDocument.ReadAsync(Session, page, Access, LargestPage, null, cancellationToken).ConfigureAwait(false);
            using JsonDocument json = HubJson.Parse(Name, answer.Body);
            files.AddRange(Files(json.RootElement).Where(IsListed));
            page = answer.Next is null || HubAddress.IsServer(answer.Next, _endpoint)
                ? answer.Next
                : throw new ByteRangeException($"{Name}: the listing goes on at another host, which is not followed; check the hub's address.");
        }

        return new HubListing(commit, files.ToImmutable());
    }

    private IEnumerable<RepositoryFile> Files(JsonElement page)
    {
        foreach (JsonElement entry in HubJson.Items(Name, page))
        {
            if (HubJson.Text(entry, "type") == "file" && HubJson.Text(entry, "path") is { } path)
            {
                // Of a large file, "size" is its own size already, and "oid" that of the pointer in its place; "lfs" has the content's digest.
                JsonElement? large = HubJson.Member(entry, "lfs") is { ValueKind: JsonValueKind.Object } lfs ? lfs : null;
                yield return new RepositoryFile(path, HubJson.Size(entry, "size"))
                {
                    Digest = HubJson.Text(entry, "oid"),
                    Sha256 = large is { } content ? HubJson.Digest(content, "oid", 64) : null,
                    GitBlob = large is null ? HubJson.Digest(entry, "oid", 40) : null,
                };
            }
        }
    }
}
