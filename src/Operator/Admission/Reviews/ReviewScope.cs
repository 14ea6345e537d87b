using System.Text.Json;

namespace GpuStack.Operator.Admission.Reviews;

/// <summary>What of the API server's questions is judged at all. It is decided before anything is understood of the objects. Pure.</summary>
internal static class ReviewScope
{
    /// <summary>Whether it is a ModelDeployment that is made, or one that stays and whose spec changes.</summary>
    public static bool IsJudged(AdmissionRequest request) =>
        request is { SubResource: null or "", Kind: null or { Kind: "ModelDeployment" }, Object: { ValueKind: JsonValueKind.Object } body }
        && !IsGoing(body)
        && request.Operation switch
        {
            "CREATE" => true,
            // Without the object as it was nobody can tell what is changed.
            "UPDATE" => request.OldObject is { ValueKind: JsonValueKind.Object } old && !IsSame(Spec(body), Spec(old)),
            _ => false,
        };

    /// <summary>An object's spec; of the kind Undefined when it has none.</summary>
    public static JsonElement Spec(JsonElement body) => body.TryGetProperty("spec", out var spec) ? spec : default;

    private static bool IsGoing(JsonElement body) =>
        body.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty("deletionTimestamp", out var time) && time.ValueKind != JsonValueKind.Null;

    private static bool IsSame(JsonElement one, JsonElement other) => one.ValueKind == JsonValueKind.Undefined || other.ValueKind == JsonValueKind.Undefined
        ? one.ValueKind == other.ValueKind
        : JsonElement.DeepEquals(one, other);
}
