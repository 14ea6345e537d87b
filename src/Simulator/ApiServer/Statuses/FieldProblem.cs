namespace GpuStack.Simulator.ApiServer.Statuses;

/// <summary>One cause of an Invalid answer.</summary>
/// <param name="Field">Path, as <c>spec.parts[0].name</c>.</param>
/// <param name="Reason">As <c>FieldValueInvalid</c>.</param>
/// <param name="Message">As <c>Invalid value: "x": ...</c>.</param>
internal sealed record FieldProblem(string Field, string Reason, string Message)
{
    public static FieldProblem Required(string field, string detail = "") =>
        new(field, "FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldProblem Invalid(string field, string value, string detail) =>
        new(field, "FieldValueInvalid", $"Invalid value: {value}: {detail}");

    public static FieldProblem Forbidden(string field, string detail) => new(field, "FieldValueForbidden", $"Forbidden: {detail}");

    public static FieldProblem NotSupported(string field, string value, params IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Select(item => $"\"{item}\""))}");
}
