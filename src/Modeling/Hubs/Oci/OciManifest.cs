using System.Collections.Immutable;
using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>A manifest of an image or artifact, or an index of several. Pure.</summary>
/// <param name="Layers">The layers; empty for an index.</param>
/// <param name="Manifest">The digest of the manifest that an index leads to; null for a manifest.</param>
internal sealed record OciManifest(ImmutableArray<OciLayer> Layers, string? Manifest)
{
    /// <summary>What may be answered.</summary>
    public const string Accept =
        "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
        + "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";

    private const int MostLayers = 2000;

    /// <summary>Names of the file that a layer is: ModelPack's, its predecessor's, and ORAS's.</summary>
    private static readonly string[] TitleAnnotations = ["org.cncf.model.filepath", "org.cnai.model.filepath", "org.opencontainers.image.title"];

    /// <exception cref="ByteRangeException">It is no manifest.</exception>
    public static OciManifest Parse(string name, byte[] body)
    {
        using JsonDocument json = HubJson.Parse(name, body);
        JsonElement root = json.RootElement;
        if (HubJson.Member(root, "manifests") is { ValueKind: JsonValueKind.Array } manifests)
        {
            // Models are the same for all platforms; what is for an unknown one attests to the others.
            JsonElement[] all = [.. manifests.EnumerateArray().Where(entry => Platform(entry, "os") != "unknown")];
            JsonElement chosen = all.FirstOrDefault(entry => Platform(entry, "os") == "linux" && Platform(entry, "architecture") == "amd64", all.FirstOrDefault());
            return new OciManifest([], Digest(chosen) ?? throw new ByteRangeException($"{name}: the index names no image; check the reference."));
        }

        if (HubJson.Member(root, "layers") is not { ValueKind: JsonValueKind.Array } layers || layers.GetArrayLength() > MostLayers)
        {
            throw new ByteRangeException($"{name}: is no manifest of at most {MostLayers} layers; check the reference.");
        }

        return new OciManifest(
            [
                .. layers.EnumerateArray()
                    .Where(layer => Digest(layer) is not null && HubJson.Size(layer, "size") is not null)
                    .Select(layer => new OciLayer(HubJson.Text(layer, "mediaType") ?? "", Digest(layer)!, HubJson.Size(layer, "size")!.Value, Title(layer))),
            ],
            null);
    }

    /// <summary>A digest stands in addresses: nothing else may come through here.</summary>
    private static string? Digest(JsonElement descriptor) =>
        HubJson.Text(descriptor, "digest") is { Length: 71 } digest && digest.StartsWith("sha256:", StringComparison.Ordinal) && ModelLocation.IsHexadecimal(digest[7..])
            ? digest : null;

    private static string? Platform(JsonElement entry, string field) => HubJson.Member(entry, "platform") is { } platform ? HubJson.Text(platform, field) : null;

    private static string? Title(JsonElement layer) => HubJson.Member(layer, "annotations") is { } annotations
        ? TitleAnnotations.Select(annotation => HubJson.Text(annotations, annotation)).FirstOrDefault(title => title is not null && RelativePath.IsSafe(title))
        : null;
}
