using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// What a finished model consists of; written last, so that its presence means that all files are there and verified. Whoever deletes or
/// shortens a file is noticed by the sizes.
/// </summary>
internal sealed record FetchManifest
{
    private const int LargestFile = 32 << 20;
    private const int Format1 = 1;

    public required string Source { get; init; }

    public string? Commit { get; init; }

    public required ModelFormat Format { get; init; }

    /// <summary>The name of the version's folder, beside the manifest.</summary>
    public required string Folder { get; init; }

    /// <summary>The model's file in the folder; null for the folder itself.</summary>
    public string? ModelPath { get; init; }

    public string? ProjectorPath { get; init; }

    public required ImmutableArray<FetchedFile> Files { get; init; }

    public byte[] ToJson() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["format"] = Format1,
        ["source"] = Source,
        ["commit"] = Commit,
        ["kind"] = Format == ModelFormat.Gguf ? "gguf" : "safetensors",
        ["folder"] = Folder,
        ["model"] = ModelPath,
        ["mmproj"] = ProjectorPath,
        ["files"] = new JsonArray([.. Files.Select(file => new JsonObject { ["path"] = file.Path, ["bytes"] = file.Size, ["sha256"] = file.Sha256 })]),
    }.ToJsonString());

    /// <summary>Reads a manifest; null when there is none, or none that this version understands.</summary>
    public static FetchManifest? Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= LargestFile })
            {
                return null;
            }

            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Of(json.RootElement);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The model, when all its files are there with their sizes; nothing is read but the folder.</summary>
    /// <param name="sourceFolder">The folder that the manifest lies in.</param>
    public FetchedModel? Find(string sourceFolder)
    {
        string folder = Path.Combine(sourceFolder, Folder);
        return Files.All(file => new FileInfo(CacheLayout.FileIn(folder, file.Path)) is { Exists: true } found && found.Length == file.Size)
            ? new FetchedModel
            {
                Path = ModelPath is null ? folder : CacheLayout.FileIn(folder, ModelPath),
                ProjectorPath = ProjectorPath is null ? null : CacheLayout.FileIn(folder, ProjectorPath),
                Source = Source,
                Commit = Commit,
                Format = Format,
                Files = Files,
                WasThere = true,
            }
            : null;
    }

    private static FetchManifest? Of(JsonElement root)
    {
        if (HubJson.Size(root, "format") != Format1 || HubJson.Text(root, "source") is not { } source
            || HubJson.Text(root, "folder") is not { } folder || folder != CacheLayout.SafeName(folder)
            || HubJson.Member(root, "files") is not { ValueKind: JsonValueKind.Array } list)
        {
            return null;
        }

        var files = ImmutableArray.CreateBuilder<FetchedFile>();
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (HubJson.Text(entry, "path") is not { } path || !CacheLayout.CanHold(path)
                || HubJson.Size(entry, "bytes") is not { } size || HubJson.Digest(entry, "sha256", 64) is not { } sha256)
            {
                return null;
            }

            files.Add(new FetchedFile(path, size, sha256));
        }

        string? model = HubJson.Text(root, "model");
        string? projector = HubJson.Text(root, "mmproj");
        bool known = files.Count > 0 && (model is null || files.Any(file => file.Path == model)) && (projector is null || files.Any(file => file.Path == projector));
        return !known ? null : new FetchManifest
        {
            Source = source,
            Commit = HubJson.Text(root, "commit"),
            Format = HubJson.Text(root, "kind") == "gguf" ? ModelFormat.Gguf : ModelFormat.Safetensors,
            Folder = folder,
            ModelPath = model,
            ProjectorPath = projector,
            Files = files.ToImmutable(),
        };
    }
}
