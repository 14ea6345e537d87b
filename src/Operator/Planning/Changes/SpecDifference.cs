using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>The fields in which two specs differ, for people. Pure.</summary>
internal static class SpecDifference
{
    private const int MostNamed = 4;

    /// <summary>Paths of the fields, such as <c>engine.contextLength</c>, in the order of the API; lists and maps count as one field.</summary>
    public static IReadOnlyList<string> Paths(ModelDeploymentSpec before, ModelDeploymentSpec after) => [.. Paths(Json(before), Json(after), "")];

    /// <summary>The same in a clause; null when the specs are equal.</summary>
    public static string? Describe(ModelDeploymentSpec before, ModelDeploymentSpec after)
    {
        var paths = Paths(before, after);
        return paths.Count == 0 ? null
            : $"{string.Join(", ", paths.Take(MostNamed))}{(paths.Count > MostNamed ? ", ..." : "")} changed";
    }

    private static JsonObject Json(ModelDeploymentSpec spec) => JsonSerializer.SerializeToNode(spec, EntitiesJsonContext.Default.ModelDeploymentSpec)!.AsObject();

    private static IEnumerable<string> Paths(JsonObject before, JsonObject after, string prefix)
    {
        foreach (var name in before.Select(pair => pair.Key).Union(after.Select(pair => pair.Key), StringComparer.Ordinal))
        {
            var (was, becomes) = (before[name], after[name]);
            if (JsonNode.DeepEquals(was, becomes))
                continue;
            // Fields of the API; the keys of maps have dots and slashes.
            if (was is JsonObject wasObject && becomes is JsonObject becomesObject && wasObject.Concat(becomesObject).All(pair => pair.Key.All(char.IsLetterOrDigit)))
            {
                foreach (var inner in Paths(wasObject, becomesObject, $"{prefix}{name}."))
                    yield return inner;
            }
            else
            {
                yield return prefix + name;
            }
        }
    }
}
