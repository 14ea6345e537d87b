using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Simulator.ApiServer.Statuses;

namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>Reads a YAML body as Kubernetes does: the JSON types of YAML 1.1 as go-yaml reads them.</summary>
internal static class YamlBody
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static JsonNode? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return YamlReader.Read(Strict.GetString(bytes), "yaml");
        }
        catch (DecoderFallbackException)
        {
            throw ApiException.BadRequest("error converting YAML to JSON: yaml: the text is not UTF-8");
        }
        catch (YamlFormatException broken)
        {
            throw ApiException.BadRequest($"error converting YAML to JSON: {broken.Message}");
        }
    }
}
