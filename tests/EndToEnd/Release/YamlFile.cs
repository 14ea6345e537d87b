using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace GpuStack.EndToEnd.Release;

/// <summary>YAML as JSON; every scalar is a string.</summary>
internal static class YamlFile
{
    public static JsonObject Read(string text, string name)
    {
        object document = new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<object>(text) ?? throw new InvalidDataException($"{name} is empty.");
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(document))!.AsObject();
    }
}
