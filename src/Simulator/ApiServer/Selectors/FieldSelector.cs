using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Selectors;

/// <summary>A field selector: <c>metadata.name=a,status.phase!=Failed</c>, for the fields that the resource allows.</summary>
internal sealed class FieldSelector
{
    private readonly IReadOnlyList<(string[] Path, string Value, bool Equal)> _terms;

    private FieldSelector(IReadOnlyList<(string[] Path, string Value, bool Equal)> terms) => _terms = terms;

    public bool IsEverything => _terms.Count == 0;

    /// <summary>The name asked for, when it asks for one.</summary>
    public string? Name => _terms.FirstOrDefault(term => term is { Path: ["metadata", "name"], Equal: true }).Value;

    public static FieldSelector Parse(string? text, ApiResource resource)
    {
        var terms = new List<(string[] Path, string Value, bool Equal)>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var unequal = part.Contains("!=", StringComparison.Ordinal);
            var pair = part.Split(unequal ? "!=" : part.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
            if (pair.Length != 2)
                throw ApiException.BadRequest($"invalid field selector: '{part}'; can't understand '{part}'");
            var field = pair[0].Trim();
            if (field is not ("metadata.name" or "metadata.namespace") && !resource.SelectableFields.Contains(field))
                throw ApiException.BadRequest($"field label not supported: {field}");
            terms.Add((field.Split('.'), pair[1].Trim(), !unequal));
        }

        return new FieldSelector(terms);
    }

    /// <summary>Whether an object of the served version is selected.</summary>
    public bool Matches(JsonObject body)
    {
        foreach (var (path, value, equal) in _terms)
        {
            JsonNode? node = body;
            foreach (var step in path)
                node = (node as JsonObject)?[step];
            var text = node.AsText() ?? node.AsBool() switch { true => "true", false => "false", null => node?.ToString() ?? Absent(path) };
            if (string.Equals(text, value, StringComparison.Ordinal) != equal)
                return false;
        }

        return true;
    }

    // A node without the field is schedulable.
    private static string Absent(string[] path) => path is ["spec", "unschedulable"] ? "false" : "";
}
