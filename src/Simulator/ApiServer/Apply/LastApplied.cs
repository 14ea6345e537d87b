using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Json;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>
/// The way from client-side to server-side apply: kubectl's first server-side apply may take over what the annotation of its
/// client-side applies says was set by them, and keeps that annotation up to date.
/// </summary>
internal static class LastApplied
{
    public const string Manager = "kubectl";
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The fields that the last client-side apply set and nobody has changed since.</summary>
    public static FieldSet Untouched(JsonObject? live, FieldShape shape)
    {
        if (live?["metadata"]?["annotations"]?[Annotation].AsText() is not { Length: > 0 } text)
            return new FieldSet();
        JsonObject? last;
        try
        {
            last = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Somebody else's text in kubectl's annotation allows nothing.
            return new FieldSet();
        }

        if (last is null)
            return new FieldSet();
        var untouched = FieldWalk.Named(last, shape);
        var changes = FieldWalk.Compare(live, last, shape);
        untouched.ExceptWith(changes.Added);
        untouched.ExceptWith(changes.Modified);
        return untouched;
    }

    /// <summary>Writes the configuration into the annotation, where there is one.</summary>
    public static void Refresh(JsonObject body, JsonObject config)
    {
        if (body["metadata"]?["annotations"] is JsonObject annotations && annotations[Annotation] is not null)
            annotations[Annotation] = Text(config);
    }

    /// <summary>As Go's encoder writes it: fields in order, HTML characters escaped, and a line feed.</summary>
    private static string Text(JsonObject config) => GoText.Json(config)
        .Replace("<", "\\u003c", StringComparison.Ordinal)
        .Replace(">", "\\u003e", StringComparison.Ordinal)
        .Replace("&", "\\u0026", StringComparison.Ordinal) + "\n";
}
