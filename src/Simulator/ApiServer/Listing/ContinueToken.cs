using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Listing;

/// <summary>Where a chunked list goes on: the version it shows and the last key sent.</summary>
internal sealed record ContinueToken(long ResourceVersion, string After)
{
    public static string Encode(ContinueToken token)
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = token.ResourceVersion, ["start"] = token.After + "\0" };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString())).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    public static ContinueToken Decode(string text)
    {
        var bytes = Array.Empty<byte>();
        try
        {
            bytes = Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
            var json = JsonNode.Parse(bytes);
            if (json?["rv"].AsLong() is { } version && json["start"].AsText() is { } start)
                return new ContinueToken(version, start.TrimEnd('\0'));
        }
        catch (FormatException unreadable)
        {
            throw ApiException.BadRequest($"invalid continue token: continue key is not valid: {unreadable.Message}");
        }
        catch (JsonException) when (bytes.Length > 0)
        {
            throw ApiException.BadRequest(
                $"invalid continue token: continue key is not valid: invalid character '{(char)bytes[0]}' looking for beginning of value");
        }

        throw ApiException.BadRequest("invalid continue token: continue key is not valid: version and start are missing");
    }

    public static string KeyOf(StoredObject item) => item.Namespace is null ? item.Name : $"{item.Namespace}/{item.Name}";
}
