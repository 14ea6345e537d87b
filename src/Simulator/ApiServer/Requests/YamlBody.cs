using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Simulator.ApiServer.Statuses;

namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>Reads a YAML body as Kubernetes does: the JSON types of YAML 1.1 as go-yaml reads them.</summary>
internal static class YamlBody
{
    public static JsonNode? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return YamlReader.Read(Encoding.UTF8.GetString(bytes), "yaml");
        }
        catch (YamlFormatException broken)
        {
            throw ApiException.BadRequest($"error converting YAML to JSON: {broken.Message}");
        }
    }
}
