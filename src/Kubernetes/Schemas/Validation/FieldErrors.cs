using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Json;

namespace GpuStack.Kubernetes.Schemas.Validation;

/// <summary>Makes field errors in the words of apimachinery's <c>field.Error</c>.</summary>
internal static class FieldErrors
{
    public const string NoPath = "<nil>";

    public static FieldError Invalid(string path, string shownValue, string detail) =>
        new(Name(path), FieldErrorReason.FieldValueInvalid, $"Invalid value: {shownValue}: {detail}");

    /// <summary>As <see cref="Invalid"/>, where the API server leaves the value out (objects and lists in CEL rules).</summary>
    public static FieldError InvalidWithoutValue(string path, string detail) =>
        new(Name(path), FieldErrorReason.FieldValueInvalid, $"Invalid value: {detail}");

    public static FieldError TypeInvalid(string path, string shownValue, string detail) =>
        new(Name(path), FieldErrorReason.FieldValueTypeInvalid, $"Invalid value: {shownValue}: {detail}");

    public static FieldError Required(string path, string detail = "") =>
        new(Name(path), FieldErrorReason.FieldValueRequired, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldError Forbidden(string path, string detail) =>
        new(Name(path), FieldErrorReason.FieldValueForbidden, $"Forbidden: {detail}");

    public static FieldError Duplicate(string path, JsonNode? value) =>
        new(Name(path), FieldErrorReason.FieldValueDuplicate, $"Duplicate value: {GoText.Value(value)}");

    public static FieldError NotSupported(string path, JsonNode? value, IEnumerable<JsonNode?> supported) =>
        new(Name(path), FieldErrorReason.FieldValueNotSupported,
            $"Unsupported value: {GoText.Value(value)}: supported values: {string.Join(", ", supported.Select(Supported))}");

    public static FieldError TooLong(string path, long max) =>
        new(Name(path), FieldErrorReason.FieldValueTooLong, $"Too long: may not be more than {max} bytes");

    public static FieldError TooMany(string path, long actual, long max) =>
        new(Name(path), FieldErrorReason.FieldValueTooMany, $"Too many: {actual}: must have at most {max} items");

    private static string Name(string path) => path.Length == 0 ? NoPath : path;

    private static string Supported(JsonNode? value) =>
        GoText.Quote(JsonScalar.TryGetString(value, out var text) ? text : GoText.Json(value));
}
