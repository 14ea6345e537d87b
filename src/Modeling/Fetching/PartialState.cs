using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Fetching;

/// <summary>What a partial file is of; stands beside it, written before its first byte. The folder that both lie in is that of the commit.</summary>
internal sealed record PartialState(long Size, string? Sha256, string? GitBlob, string? EntityTag)
{
    private const int LargestFile = 16 << 10;

    public static PartialState Of(FetchFile file) => new(file.Size, file.Sha256, file.GitBlob, file.EntityTag);

    /// <summary>Reads the state; null when there is none that could be of use.</summary>
    public static PartialState? Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= LargestFile })
            {
                return null;
            }

            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = json.RootElement;
            return HubJson.Size(root, "size") is { } size
                ? new PartialState(size, HubJson.Text(root, "sha256"), HubJson.Text(root, "gitBlob"), HubJson.Text(root, "entityTag"))
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public byte[] ToJson() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["size"] = Size,
        ["sha256"] = Sha256,
        ["gitBlob"] = GitBlob,
        ["entityTag"] = EntityTag,
    }.ToJsonString());
}
