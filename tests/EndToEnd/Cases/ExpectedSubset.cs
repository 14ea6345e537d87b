using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace GpuStack.EndToEnd.Cases;

/// <summary>
/// Compares a case's <c>expected.yaml</c> with the JSON that <c>demo</c> printed. Every key of a mapping must be there and match.
/// A list of scalars must be equal. Of a list of mappings each must match, in order; more may stand between, but an empty list means none.
/// </summary>
internal static class ExpectedSubset
{
    public static IEnumerable<string> Differences(YamlNode expected, JsonNode? actual, string path = "$") => expected switch
    {
        YamlMappingNode mapping => mapping.Children.SelectMany(pair => actual is JsonObject found
            ? Differences(pair.Value, found[((YamlScalarNode)pair.Key).Value!], $"{path}.{pair.Key}")
            : [$"{path}: expected an object with '{pair.Key}', found {Text(actual)}"]),
        YamlSequenceNode sequence => DifferencesOfList(sequence, actual, path),
        YamlScalarNode scalar => string.Equals(scalar.Value, Text(actual), StringComparison.Ordinal)
            ? []
            : [$"{path}: expected {scalar.Value}, found {Text(actual)}"],
        _ => [$"{path}: unknown node in expected.yaml"],
    };

    private static IEnumerable<string> DifferencesOfList(YamlSequenceNode expected, JsonNode? actual, string path)
    {
        if (actual is not JsonArray found)
        {
            return [$"{path}: expected a list, found {Text(actual)}"];
        }

        if (expected.Children.Count == 0 || expected.Children[0] is YamlScalarNode)
        {
            string wanted = string.Join(", ", expected.Children);
            string got = string.Join(", ", found.Select(Text));
            return wanted == got ? [] : [$"{path}: expected [{wanted}], found [{got}]"];
        }

        int next = 0;
        foreach (YamlNode item in expected.Children)
        {
            while (next < found.Count && Differences(item, found[next]).Any())
            {
                next++;
            }

            if (next++ >= found.Count)
            {
                return [$"{path}: no item like {item} (in this order) in {found.ToJsonString()}"];
            }
        }

        return [];
    }

    private static string Text(JsonNode? node) => node switch
    {
        null => "null",
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => node.ToJsonString(),
    };
}
